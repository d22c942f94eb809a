#!/bin/bash
# training/run.sh DATA SOURCES RUN MINUTES [more options of training.train]
# With the allocator and cache sizes that training on CPUs needs (see README.md).
set -euo pipefail
export LD_PRELOAD="$(ldconfig -p | awk '/libtcmalloc_minimal.so.4 / {print $NF; exit}')"
export ONEDNN_PRIMITIVE_CACHE_CAPACITY=8192 LRU_CACHE_CAPACITY=8192 OMP_NUM_THREADS=1
data=$1 sources=$2 run=$3 minutes=$4
shift 4
exec python -W ignore -m training.train --data "$data" --sources "$sources" --run "$run" --minutes "$minutes" "$@"
