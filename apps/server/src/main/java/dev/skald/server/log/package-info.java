/** The log records of requests. */
package dev.skald.server.log;
