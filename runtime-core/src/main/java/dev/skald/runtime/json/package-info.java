/** JSON as it is written: reading and writing values. */
package dev.skald.runtime.json;
