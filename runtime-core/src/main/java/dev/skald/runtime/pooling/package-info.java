/** Embedders and rerankers of an open model: whole texts through the engine, whose rows become one vector each. Not exported. */
package dev.skald.runtime.pooling;
