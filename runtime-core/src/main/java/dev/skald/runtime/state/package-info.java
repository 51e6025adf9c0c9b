/** The state that a model keeps for a sequence. Not exported. */
package dev.skald.runtime.state;
