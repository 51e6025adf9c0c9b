package dev.skald.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A line of a batch, in one of two forms: OpenAI's ({@code custom_id}, {@code method}, {@code url}, {@code body}), or an object
 * whose {@code messages}, {@code prompt} or {@code text} is what is asked and whose other fields are parameters.
 *
 * @param line its number, from 1
 * @param id the row's own, or else the number of its line
 * @param form how it is written
 * @param url what is asked for
 * @param body the request
 * @param mistake what is wrong with the line; empty if it can be sent
 */
record BatchRow(long line, JsonNode id, Form form, String url, ObjectNode body, String mistake) {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETE = "/v1/completions";
    private static final String EMBED = "/v1/embeddings";
    private static final List<String> OPENAI_FIELDS = List.of("custom_id", "method", "url", "body");

    /** Seeds are whole numbers that every JSON parser reads. */
    private static final long MOST_SEED = 1L << 53;

    /** How a row is written, and so its answer. */
    enum Form {
        OPENAI,
        SIMPLE
    }

    static BatchRow parse(String text, long line) {
        JsonNode value;
        try {
            value = MAPPER.readTree(text);
        } catch (JsonProcessingException malformed) {
            return wrong(line, LongNode.valueOf(line), Form.SIMPLE, "not JSON: " + Json.problem(malformed));
        }
        if (!(value instanceof ObjectNode object)) {
            return wrong(line, LongNode.valueOf(line), Form.SIMPLE, "not a JSON object");
        }
        return object.has("custom_id") || object.has("url") && object.has("body")
                ? openAi(object, line)
                : simple(object, line);
    }

    /** A line that is no text at all. */
    static BatchRow unreadable(long line, String mistake) {
        return wrong(line, LongNode.valueOf(line), Form.SIMPLE, mistake);
    }

    private static BatchRow wrong(long line, JsonNode id, Form form, String mistake) {
        return new BatchRow(line, id, form, "", MAPPER.createObjectNode(), mistake);
    }

    private static BatchRow openAi(ObjectNode object, long line) {
        JsonNode id = object.path("custom_id");
        if (!id.isTextual()) {
            return wrong(line, LongNode.valueOf(line), Form.OPENAI, "'custom_id' must be a string");
        }
        String url = object.path("url").asText();
        Optional<String> unknown = object.propertyStream()
                .map(Map.Entry::getKey)
                .filter(name -> !OPENAI_FIELDS.contains(name))
                .findFirst();
        if (unknown.isPresent()) {
            return wrong(line, id, Form.OPENAI, "unknown field '" + unknown.get() + "'; a row has " + OPENAI_FIELDS);
        }
        if (!object.path("method").asText("POST").equals("POST")) {
            return wrong(line, id, Form.OPENAI, "'method' must be POST");
        }
        if (!List.of(CHAT, COMPLETE, EMBED).contains(url)) {
            return wrong(
                    line,
                    id,
                    Form.OPENAI,
                    "'url' is '" + url + "'; there are " + CHAT + ", " + COMPLETE + " and " + EMBED);
        }
        if (!(object.path("body") instanceof ObjectNode body)) {
            return wrong(line, id, Form.OPENAI, "'body' must be an object");
        }
        if (body.path("stream").asBoolean()) {
            return wrong(line, id, Form.OPENAI, "'stream' has no effect in a batch: leave it out");
        }
        return new BatchRow(line, id, Form.OPENAI, url, body, "");
    }

    private static BatchRow simple(ObjectNode object, long line) {
        ObjectNode body = object.deepCopy();
        JsonNode own = body.remove("id");
        JsonNode id = own == null ? LongNode.valueOf(line) : own;
        if (!id.isTextual() && !id.isIntegralNumber()) {
            return wrong(line, LongNode.valueOf(line), Form.SIMPLE, "'id' must be a string or a whole number");
        }
        List<String> asked =
                List.of("messages", "prompt", "text").stream().filter(body::has).toList();
        if (asked.size() != 1) {
            return wrong(
                    line,
                    id,
                    Form.SIMPLE,
                    "a row needs one of 'messages', 'prompt' and 'text', and has "
                            + (asked.isEmpty() ? "none" : String.join(" and ", asked)));
        }
        for (String plural : List.of("stream", "n")) {
            if (body.has(plural)) {
                return wrong(line, id, Form.SIMPLE, "'" + plural + "' is not for rows of this form");
            }
        }
        if (!asked.getFirst().equals("messages") && !body.get(asked.getFirst()).isTextual()) {
            return wrong(line, id, Form.SIMPLE, "'" + asked.getFirst() + "' must be a string");
        }
        if (asked.getFirst().equals("text")) {
            body.set("input", body.remove("text"));
        }
        String url = switch (asked.getFirst()) {
            case "messages" -> CHAT;
            case "prompt" -> COMPLETE;
            default -> EMBED;
        };
        return new BatchRow(line, id, Form.SIMPLE, url, body, "");
    }

    /** What tells this row from all others. */
    String key() {
        return id.asText();
    }

    /** The row that a line of the result answers, or empty if it answers none. */
    static Optional<String> answered(String text) {
        try {
            JsonNode value = MAPPER.readTree(text);
            JsonNode id = value.has("custom_id") ? value.get("custom_id") : value.path("id");
            boolean answer = value.has("response") || value.has("text") || value.has("embedding") || value.has("error");
            return answer && (id.isTextual() || id.isIntegralNumber()) ? Optional.of(id.asText()) : Optional.empty();
        } catch (JsonProcessingException malformed) {
            return Optional.empty();
        }
    }

    /** Whether a line of the result says that its row has failed. */
    static boolean isFailure(String text) {
        try {
            JsonNode value = MAPPER.readTree(text);
            return value.hasNonNull("error")
                    || value.has("response")
                            && value.get("response").path("status_code").asInt() != 200;
        } catch (JsonProcessingException malformed) {
            return true;
        }
    }

    /**
     * The request as the server takes it.
     *
     * @param maxTokens where the row says nothing
     * @param temperature where the row says nothing; null for the model's own
     * @param seed of the batch, from which each row has its own
     */
    byte[] request(int maxTokens, Float temperature, long seed) throws JsonProcessingException {
        ObjectNode all = body.deepCopy();
        // There is one model here, whatever a row written for another service calls its.
        all.remove("model");
        if (!url.equals(EMBED)) {
            if (!all.hasNonNull("max_tokens") && !all.hasNonNull("max_completion_tokens")) {
                all.put("max_tokens", maxTokens);
            }
            if (temperature != null && !all.hasNonNull("temperature")) {
                all.put("temperature", temperature);
            }
            if (!all.hasNonNull("seed")) {
                all.put("seed", seed(seed));
            }
        }
        return MAPPER.writeValueAsBytes(all);
    }

    private long seed(long ofBatch) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((ofBatch + " " + key()).getBytes(StandardCharsets.UTF_8));
            return Math.floorMod(ByteBuffer.wrap(hash).getLong(), MOST_SEED);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The line of the result for a row that could not be sent. */
    ObjectNode failed(String code, String message) {
        ObjectNode line = head();
        if (form == Form.OPENAI) {
            line.putNull("response");
            line.putObject("error").put("code", code).put("message", message);
        } else {
            line.put("error", message);
        }
        return line;
    }

    private ObjectNode head() {
        ObjectNode head = MAPPER.createObjectNode();
        if (form == Form.OPENAI) {
            head.put("id", "batch_req_" + UUID.randomUUID().toString().replace("-", ""));
            head.set("custom_id", id);
        } else {
            head.set("id", id);
        }
        return head;
    }

    /** The line of the result for an answer. */
    ObjectNode answered(int status, byte[] answer) {
        JsonNode all;
        try {
            all = MAPPER.readTree(answer);
        } catch (IOException malformed) {
            return failed("server_error", "the answer is not JSON: " + malformed.getMessage());
        }
        // An answer that has begun before it fails has the status of success.
        int shown = status == 200 && all.hasNonNull("error") ? 500 : status;
        ObjectNode line = head();
        if (form == Form.OPENAI) {
            ObjectNode response = line.putObject("response");
            response.put("status_code", shown);
            response.set("request_id", line.get("id"));
            response.set("body", all);
            line.putNull("error");
        } else if (shown != 200) {
            line.put("error", all.path("error").path("message").asText("status " + shown));
        } else {
            fill(line, all);
        }
        return line;
    }

    private void fill(ObjectNode line, JsonNode answer) {
        JsonNode usage = answer.path("usage");
        if (url.equals(EMBED)) {
            line.set("embedding", answer.path("data").path(0).path("embedding"));
            line.set("tokens", usage.path("prompt_tokens"));
            return;
        }
        JsonNode choice = answer.path("choices").path(0);
        JsonNode message = choice.path("message");
        line.set(
                "text",
                message.isMissingNode()
                        ? choice.path("text")
                        : TextNode.valueOf(message.path("content").asText("")));
        for (String field : List.of("reasoning_content", "tool_calls")) {
            if (message.hasNonNull(field)) {
                line.set(field, message.get(field));
            }
        }
        if (choice.hasNonNull("logprobs")) {
            line.set("logprobs", choice.get("logprobs"));
        }
        line.set("finish_reason", choice.path("finish_reason"));
        line.set("prompt_tokens", usage.path("prompt_tokens"));
        line.set("generated_tokens", usage.path("completion_tokens"));
    }

    /** A line of the result, with its end. */
    static String text(ObjectNode line) {
        return line + "\n";
    }
}
