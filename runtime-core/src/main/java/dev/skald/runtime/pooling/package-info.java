/** Embedders and rerankers of an open model: they compute whole texts, whose rows become one vector each. Not exported. */
package dev.skald.runtime.pooling;
