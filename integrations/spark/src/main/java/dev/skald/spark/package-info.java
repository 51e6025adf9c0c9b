/** Models over the rows of a Spark {@code Dataset}: text, vectors and labels. */
package dev.skald.spark;
