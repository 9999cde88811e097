"""Every test starts from the same random state, so that none passes or fails by chance."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before PyTorch: the tests themselves run side by side

import numpy as np
import pytest
import torch


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
    np.random.seed(0)
