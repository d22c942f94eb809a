#!/bin/bash
# training/run.sh DATA FONTS ALIGNED RUN MINUTES [more options of training.train]
# With the allocator and cache sizes that training on CPUs needs (see README.md).
set -euo pipefail
export LD_PRELOAD="$(ldconfig -p | awk '/libtcmalloc_minimal.so.4 / {print $NF; exit}')"
export ONEDNN_PRIMITIVE_CACHE_CAPACITY=8192 LRU_CACHE_CAPACITY=8192
data=$1 fonts=$2 aligned=$3 run=$4 minutes=$5
shift 5
exec python -W ignore -m training.train --data "$data" --fonts "$fonts" --aligned "$aligned" --run "$run" --minutes "$minutes" "$@"
