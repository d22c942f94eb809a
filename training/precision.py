"""What precision this machine multiplies fast in: on a CPU that only emulates bf16, it takes 70 times as long."""

from __future__ import annotations

import torch

__all__ = ["WORKING"]

WORKING = torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32
