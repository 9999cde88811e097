"""Simulated card payments: fraud is an amount that is unusual FOR ITS USER.

Each of n_users users has a usual log-amount mu_u ~ N(3.6, 1): the medians of two
users easily differ by a factor of ten. A payment is exp(N(mu_u, 0.45)). About 3.5 %
of payments are fraud: the log-amount gets N(1.3, 0.5) on top (about 3.7 times the
user's usual), a quarter of them move to the night, and the flags `foreign` and
`online` are set more often. So the raw amount is a weak signal and amount / (the
user's own past mean) a strong one, by construction.
"""
import sys

import numpy as np
import pandas as pd


def simulate(n_users=400, per_user=30, fraud=0.035, seed=0):
    r = np.random.RandomState(seed)
    mu = r.normal(3.6, 1.0, n_users)
    u = np.repeat(np.arange(n_users), per_user)
    n = len(u)
    y = (r.rand(n) < fraud).astype(int)
    hour = np.clip(r.normal(14, 4, n), 0, 23.9)
    log_amount = r.normal(mu[u], 0.45) + y * r.normal(1.3, 0.5, n)
    night = (y == 1) & (r.rand(n) < 0.25)
    hour[night] = r.uniform(0, 5, night.sum())
    foreign = (r.rand(n) < np.where(y == 1, 0.18, 0.06)).astype(int)
    online = (r.rand(n) < np.where(y == 1, 0.60, 0.40)).astype(int)
    return pd.DataFrame(dict(user=u, nr=np.tile(np.arange(per_user), n_users), amount=np.exp(log_amount).round(2),
                             hour=hour.round(1), foreign=foreign, online=online, fraud=y))


if __name__ == "__main__":
    simulate().to_csv(sys.argv[1] if len(sys.argv) > 1 else "payments_sim.csv", index=False, lineterminator="\n")
