/** Serves models over HTTP, as clients of OpenAI, Anthropic, Ollama and llama-server know them. */
module dev.skald.server {
    requires transitive dev.skald.runtime;
    requires com.fasterxml.jackson.databind;
    requires org.eclipse.jetty.server;

    exports dev.skald.server;
    exports dev.skald.server.log;
}
