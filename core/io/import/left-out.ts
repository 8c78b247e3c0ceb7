/**
 * Tensors that lie beside a network's and do nothing to what it computes: counters, and what only training needs. Everything else that
 * belongs to nothing that is understood is a part of the network, and leaving it out would make another one.
 */

const COUNTER = /(?:^|\.)(?:num_batches_tracked|n_averaged|num_updates|updates|_extra_state|total_ops|total_params)$/;

/** First parts of names: losses, metrics, and Lightning's names for both. */
const TRAINING =
  /^(?:criterion|criteria|loss|losses|loss_fn|loss_func|metric|metrics|accuracy|acc\d*|f1|auroc|confusion_matrix|(?:train|val|valid|test)_(?:acc\w*|metric\w*|loss\w*|f1\w*)|\w+_(?:loss|criterion|metric|metrics|accuracy))(?:\.|$)/i;

export const harmless = (name: string): boolean => COUNTER.test(name) || TRAINING.test(name);
