/** Sessions and generations as an open model has them. */
package dev.skald.runtime.session;
