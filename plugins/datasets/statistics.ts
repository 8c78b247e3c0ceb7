import type { Normalisation } from '../../core/train/data/index.js';

/** Mean and deviation of each channel over the training images, as published. */
export const STATISTICS = {
  /** https://github.com/pytorch/examples, mnist/main.py */
  mnist: { mean: [0.1307], deviation: [0.3081] },
  /** In common use with torchvision's copy of the set. */
  fashionMnist: { mean: [0.286], deviation: [0.353] },
  /** https://github.com/kuangliu/pytorch-cifar has these means; the deviations are those over all pixels, not the mean of each image's. */
  cifar10: { mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616] },
  /** https://github.com/weiaicunzai/pytorch-cifar100, conf/global_settings.py */
  cifar100: { mean: [0.5071, 0.4865, 0.4409], deviation: [0.2673, 0.2564, 0.2762] },
  /** https://pytorch.org/vision, transforms of every ImageNet model */
  imagenet: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
} satisfies Record<string, Normalisation>;
