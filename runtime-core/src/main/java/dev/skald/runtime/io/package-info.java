/** What measuring and quantizing share: texts cut into chunks, and files that are whole or not there. */
package dev.skald.runtime.io;
