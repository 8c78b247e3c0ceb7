"""Writes pytorch.json: what PyTorch's optimizers and schedules do to a few numbers.

python3 test/core/train/pytorch.py > test/core/train/pytorch.json

LAMB and Lion, which torch.optim lacks, are written out here in float64, from the algorithms of their papers.
"""

import json
import math

import torch

START = [0.5, -1.25, 2.0, 0.0, -0.03125]
GRADIENTS = [
    [0.1, -0.2, 0.05, 0.3, -0.4],
    [-0.3, 0.25, 0.0, 0.1, 0.2],
    [0.7, -0.1, -0.6, 0.05, 0.0],
    [0.02, 0.4, 0.3, -0.2, 0.1],
]


def with_torch(make):
    value = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = make([value])
    after = []
    for gradient in GRADIENTS:
        value.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        after.append(value.detach().tolist())
    return after


def lamb(lr, beta1, beta2, eps, decay):
    w, m, v, after = list(START), [0.0] * 5, [0.0] * 5, []
    for t, g in enumerate(GRADIENTS, 1):
        m = [beta1 * a + (1 - beta1) * b for a, b in zip(m, g)]
        v = [beta2 * a + (1 - beta2) * b * b for a, b in zip(v, g)]
        r = [
            (a / (1 - beta1**t)) / (math.sqrt(b / (1 - beta2**t)) + eps) + decay * c
            for a, b, c in zip(m, v, w)
        ]
        norm = lambda x: math.sqrt(sum(a * a for a in x))
        trust = norm(w) / norm(r)
        w = [a - lr * trust * b for a, b in zip(w, r)]
        after.append(list(w))
    return after


def lion(lr, beta1, beta2, decay):
    w, m, after = list(START), [0.0] * 5, []
    sign = lambda x: (x > 0) - (x < 0)
    for g in GRADIENTS:
        c = [sign(beta1 * a + (1 - beta1) * b) for a, b in zip(m, g)]
        w = [a - lr * (b + decay * a) for a, b in zip(w, c)]
        m = [beta2 * a + (1 - beta2) * b for a, b in zip(m, g)]
        after.append(list(w))
    return after


EPOCHS, STEPS = 10, 4


def rates(make, per_step=True):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    schedule = make(optimizer)
    found = []
    for step in range(EPOCHS * STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if per_step or step % STEPS == STEPS - 1:
            schedule.step()
    return found


total = EPOCHS * STEPS
lr = torch.optim.lr_scheduler
print(
    json.dumps(
        {
            "torch": torch.__version__,
            "start": START,
            "gradients": GRADIENTS,
            "optimizers": {
                "sgd": with_torch(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)),
                "adam": with_torch(lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.95), weight_decay=0.02)),
                "adamw": with_torch(lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.8, 0.95), weight_decay=0.02)),
                "rmsprop": with_torch(
                    lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.5, weight_decay=0.02)
                ),
                "lamb": lamb(0.01, 0.8, 0.95, 1e-6, 0.02),
                "lion": lion(0.01, 0.8, 0.95, 0.02),
            },
            "schedules": {
                "cosine": rates(lambda o: lr.CosineAnnealingLR(o, total, eta_min=0.02)),
                "linear": rates(lambda o: lr.LinearLR(o, 1.0, 0.04, total)),
                "polynomial": rates(lambda o: lr.PolynomialLR(o, total, 2.0)),
                "exponential": rates(lambda o: lr.ExponentialLR(o, 0.9 ** (1 / STEPS))),
                "step": rates(lambda o: lr.StepLR(o, 3, 0.2), per_step=False),
                "multi-step": rates(lambda o: lr.MultiStepLR(o, [4, 7], 0.3), per_step=False),
                "warm-restarts": rates(lambda o: lr.CosineAnnealingWarmRestarts(o, 2 * STEPS, 2, 0.01)),
                "one-cycle": rates(
                    lambda o: lr.OneCycleLR(o, 0.5, total + 1, pct_start=(0.3 * total + 1) / (total + 1), div_factor=20, final_div_factor=100)
                ),
            },
        },
        indent=1,
    )
)
