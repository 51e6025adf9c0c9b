package dev.skald.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.server.http.ApiError;
import dev.skald.server.http.Body;
import dev.skald.server.http.Json;
import dev.skald.server.serving.ChatJob;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request for a response.
 *
 * @param conversation the conversation to answer, without the instructions
 * @param job the whole request
 * @param logprobs whether to send probabilities
 * @param streams whether to send events
 * @param stores whether to store the response, so that it can be continued by its id
 * @param echo the settings that the response repeats
 */
record ResponseRequest(
        ServedModel served,
        List<Message> conversation,
        ChatJob job,
        boolean logprobs,
        boolean streams,
        boolean stores,
        ObjectNode echo) {
    static ResponseRequest read(Body body, Models models, ResponseStore store) {
        ServedModel served = models.find(body.string("model"));
        List<Message> conversation = new ArrayList<>(body.string("previous_response_id")
                .map(id -> store.get(id)
                        .orElseThrow(() -> ApiError.coded(
                                ApiError.Kind.NOT_FOUND,
                                "previous_response_not_found",
                                "there is no response '" + id + "' (any more): send the conversation in 'input'"))
                        .messages())
                .orElse(List.of()));
        conversation.addAll(ResponseInput.read(body, conversation));
        List<Message> messages = new ArrayList<>();
        body.string("instructions").ifPresent(text -> messages.add(Message.system(text)));
        messages.addAll(conversation);
        ChatJob.Calls calls = ChatRequests.calls(body, tools(body), choice -> choice.requiredString("name"));
        Map<String, Object> variables = new HashMap<>();
        reasoning(body, variables);
        Sampling sampling = Sampling.read(body, served.model());
        sampling.limit(body, "max_output_tokens");
        body.object("text").ifPresent(text -> {
            text.object("format").ifPresent(format -> AnswerFormat.ofResponse(format, sampling));
            text.only("verbosity", TextNode.valueOf("medium"), "a model here takes no such advice");
            text.end();
        });
        boolean logprobs = include(body);
        int top = body.integer("top_logprobs", 0, ChatCompletions.MOST_LOGPROBS).orElse(0);
        if (top > 0 && !logprobs) {
            throw body.error("top_logprobs", "needs 'message.output_text.logprobs' in 'include'");
        }
        if (logprobs) {
            sampling.add(options -> options.logprobs(top));
        }
        ChatJob job = new ChatJob(
                messages,
                calls,
                variables,
                body.integer("thinking_budget", 0, Integer.MAX_VALUE).orElse(Integer.MAX_VALUE),
                sampling.settings(),
                Sampling.seed(body),
                1);
        boolean streams = body.flag("stream", false);
        body.object("stream_options").ifPresent(options -> {
            options.without("include_obfuscation");
            options.end();
        });
        boolean stores = body.flag("store", true);
        body.only("background", BooleanNode.FALSE, "a response is computed while its request waits");
        body.only("truncation", TextNode.valueOf("disabled"), "what does not fit is refused");
        // This parameter counts calls of the server's own tools.
        body.without("max_tool_calls");
        OpenAi.withoutNotes(body);
        body.end();
        return new ResponseRequest(served, conversation, job, logprobs, streams, stores, echo(body.json(), stores));
    }

    private static List<ToolDefinition> tools(Body body) {
        return body.objects("tools").stream()
                .map(tool -> {
                    String type = tool.requiredString("type");
                    if (!type.equals("function")) {
                        throw tool.error("type", "is '" + type + "'; only functions are supported");
                    }
                    return Messages.function(tool);
                })
                .toList();
    }

    private static void reasoning(Body body, Map<String, Object> variables) {
        body.object("reasoning").ifPresent(reasoning -> {
            reasoning.string("effort").ifPresent(effort -> ChatRequests.effort(effort, variables));
            String why = "the reasoning is sent whole, without a summary";
            reasoning.only("summary", TextNode.valueOf("auto"), why);
            reasoning.only("generate_summary", TextNode.valueOf("auto"), why);
            reasoning.end();
        });
    }

    /** Returns whether to send probabilities. Reasoning is always sent, as plain text, so nothing is encrypted. */
    private static boolean include(Body body) {
        boolean logprobs = false;
        for (String what : body.strings("include")) {
            switch (what) {
                case "message.output_text.logprobs" -> logprobs = true;
                case "reasoning.encrypted_content" -> {}
                default ->
                    throw body.error(
                            "include",
                            "has '" + what
                                    + "'; there are message.output_text.logprobs and reasoning.encrypted_content");
            }
        }
        return logprobs;
    }

    private static ObjectNode echo(ObjectNode request, boolean stores) {
        ObjectNode echo = Json.object();
        for (String name :
                List.of("instructions", "max_output_tokens", "previous_response_id", "temperature", "top_p", "user")) {
            echo.set(name, optional(request, name).orElse(null));
        }
        echo.set("metadata", optional(request, "metadata").orElseGet(Json::object));
        echo.put("parallel_tool_calls", request.path("parallel_tool_calls").asBoolean(true));
        ObjectNode reasoning = echo.putObject("reasoning");
        reasoning.set("effort", optional(request.path("reasoning"), "effort").orElse(null));
        reasoning.putNull("summary");
        echo.put("store", stores);
        echo.putObject("text")
                .set(
                        "format",
                        optional(request.path("text"), "format")
                                .orElseGet(() -> Json.object().put("type", "text")));
        echo.set("tool_choice", optional(request, "tool_choice").orElseGet(() -> TextNode.valueOf("auto")));
        echo.set("tools", optional(request, "tools").orElseGet(Json::array));
        echo.put("truncation", "disabled");
        return echo;
    }

    private static Optional<JsonNode> optional(JsonNode node, String name) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }
}
