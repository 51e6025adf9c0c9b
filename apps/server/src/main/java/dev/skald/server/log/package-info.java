/** What is logged of requests. */
package dev.skald.server.log;
