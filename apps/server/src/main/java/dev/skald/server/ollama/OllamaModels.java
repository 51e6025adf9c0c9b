package dev.skald.server.ollama;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufValueType;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.server.http.Body;
import dev.skald.server.http.Exchange;
import dev.skald.server.http.Json;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The routes {@code /api/...} of Ollama that describe the models. */
public final class OllamaModels {
    /** The version of Ollama whose API this is. Clients check it. */
    private static final String VERSION = "0.12.0";

    private final Models models;

    public OllamaModels(Models models) {
        this.models = models;
    }

    public void version(Exchange exchange) {
        exchange.send(Json.object().put("version", VERSION));
    }

    /** Lists the models. */
    public void tags(Exchange exchange) {
        list(exchange, false);
    }

    /** Lists the models in memory, which are all models. */
    public void running(Exchange exchange) {
        list(exchange, true);
    }

    private void list(Exchange exchange, boolean running) {
        ObjectNode all = Json.object();
        ArrayNode list = all.putArray("models");
        for (ServedModel served : models.all()) {
            ObjectNode model = list.addObject();
            model.put("name", served.name());
            model.put("model", served.name());
            model.put("size", served.model().weightBytes());
            model.put("digest", digest(served));
            model.set("details", details(served));
            if (running) {
                model.put("size_vram", 0);
                model.put("context_length", served.contextLength());
                // As Ollama does for a model that stays: the longest duration in nanoseconds from when it was opened.
                model.put("expires_at", served.since().plusNanos(Long.MAX_VALUE).toString());
            } else {
                model.put("modified_at", served.since().toString());
            }
        }
        exchange.send(all);
    }

    private static ObjectNode details(ServedModel served) {
        GgufMetadata metadata = served.model().metadata();
        String family = metadata.getString("general.architecture", "");
        ObjectNode details = Json.object();
        details.put("format", "gguf");
        details.put("family", family);
        details.putArray("families").add(family);
        details.put("parameter_size", metadata.getString("general.size_label", ""));
        details.put("quantization_level", quantization(metadata));
        return details;
    }

    private static String quantization(GgufMetadata metadata) {
        int type = metadata.getInt("general.file_type", -1);
        return Arrays.stream(Mixture.values())
                .filter(mixture -> mixture.fileType() == type)
                .map(Mixture::name)
                .findFirst()
                .orElse("unknown");
    }

    /** Returns the metadata that are neither lists nor shown elsewhere, with the context of this server. */
    private static ObjectNode info(ServedModel served) {
        GgufMetadata metadata = served.model().metadata();
        ObjectNode info = Json.object();
        for (String key : metadata.keys()) {
            if (metadata.type(key) != GgufValueType.ARRAY && !key.equals("tokenizer.chat_template")) {
                info.putPOJO(key, metadata.get(key));
            }
        }
        String architecture = metadata.getString("general.architecture", "");
        return info.put(architecture + ".context_length", served.contextLength());
    }

    /**
     * Returns what tells models apart. Ollama's own command needs at least twelve digits. It is made from the metadata,
     * because reading all weights would take minutes.
     */
    private static String digest(ServedModel served) {
        GgufMetadata metadata = served.model().metadata();
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(Json.bytes(info(served)));
            sha.update((metadata.path() + " " + served.model().weightBytes()).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** Describes a model and its abilities. */
    public void show(Exchange exchange) {
        Body body = exchange.body();
        String name = body.string("model").or(() -> body.string("name")).orElseThrow(() -> body.missing("model"));
        body.without("verbose", "system", "template", "options");
        body.end();
        ServedModel served = models.find(Optional.of(name));
        ObjectNode all = Json.object();
        all.put("modelfile", "FROM " + served.name());
        all.put("parameters", "");
        String template = served.model().metadata().getString("tokenizer.chat_template", "");
        all.put("template", template);
        all.set("details", details(served));
        all.set("model_info", info(served));
        ArrayNode capabilities = all.putArray("capabilities");
        if (served.generates() && served.model().generates()) {
            capabilities.add("completion");
            if (template.contains("tools")) {
                capabilities.add("tools");
            }
            if (template.contains("<think>") || template.contains("enable_thinking")) {
                capabilities.add("thinking");
            }
        } else {
            capabilities.add("embedding");
        }
        exchange.send(all);
    }
}
