package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCallForm;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.jinja.Json;
import dev.skald.runtime.tokenizer.TokenKind;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Grammars for function calls in one form: the name of a function, and arguments that fit its schema. */
final class CallGrammar {
    /** The greatest number of calls in one answer, so that a model that never stops calling is stopped. */
    private static final int MOST_CALLS = 32;

    private static final Grammar LINE_END = Grammar.either(Grammar.text(""), Grammar.text("\n"));
    private static final Pattern HARMONY_HEAD =
            Pattern.compile("\\bto=functions\\.([^\\s<]+)(?:(?!<\\|message\\|>|<\\|end\\|>)[^{}])*<\\|message\\|>$");

    private final ToolCallForm form;
    private final List<ToolDefinition> tools;
    private final Tokenizer tokenizer;
    /** Whether a model of {@link ToolCallForm#MISTRAL} writes the name before the arguments, and not a list. */
    private final boolean namesFirst;

    /** The maximum number of consecutive calls. */
    private final int most;

    /** Whether a model of {@link ToolCallForm#HARMONY} may think before a required call. */
    private final boolean thinks;

    CallGrammar(
            ToolCallForm form,
            List<ToolDefinition> tools,
            Tokenizer tokenizer,
            boolean namesFirst,
            boolean several,
            boolean thinks) {
        this.most = several ? MOST_CALLS : 1;
        this.thinks = thinks;
        this.form = form;
        this.tools = tools;
        this.tokenizer = tokenizer;
        this.namesFirst = namesFirst;
    }

    /** Returns a grammar for an answer that consists of one or several calls. */
    Grammar required() {
        return switch (form) {
            case HERMES, QWEN_XML ->
                Grammar.sequence(
                        mark(HermesCalls.BEGIN),
                        behindMark(),
                        Grammar.repeat(
                                Grammar.sequence(Grammar.text("\n"), mark(HermesCalls.BEGIN), behindMark()),
                                0,
                                most - 1));
            case GEMMA -> Grammar.repeat(Grammar.sequence(mark(gemmaBegin()), behindMark()), 1, most);
            case MISTRAL -> {
                Grammar one = Grammar.sequence(mark(MistralCalls.BEGIN), namesFirst ? behindMark() : list());
                yield namesFirst ? Grammar.repeat(one, 1, most) : one;
            }
            case LLAMA3 ->
                each(tool -> Grammar.sequence(Grammar.text(llamaHead(tool)), schema(tool), Grammar.text("}")));
            case HARMONY ->
                Grammar.sequence(
                        Grammar.repeat(analysis(), 0, thinks ? 1 : 0),
                        each(tool -> Grammar.sequence(
                                mark(HarmonyCalls.CHANNEL),
                                Grammar.text("commentary to=functions." + tool.name() + " "),
                                mark(HarmonyCalls.CONSTRAIN),
                                Grammar.text("json"),
                                mark(HarmonyCalls.MESSAGE),
                                schema(tool))));
        };
    }

    /** Returns a grammar for the thoughts of gpt-oss: a message of their own, and the header of the next message. */
    private Grammar analysis() {
        return Grammar.sequence(
                mark(HarmonyCalls.CHANNEL),
                Grammar.text("analysis"),
                mark(HarmonyCalls.MESSAGE),
                Grammar.without(HarmonyCalls.END),
                mark(HarmonyCalls.END),
                mark(HarmonyCalls.START),
                Grammar.text("assistant"));
    }

    /** Returns the places where a call begins in an answer that may contain calls. */
    List<CallTrigger> triggers() {
        return switch (form) {
            case HERMES, QWEN_XML -> List.of(new CallTrigger(HermesCalls.BEGIN, behindMark()));
            case GEMMA -> List.of(new CallTrigger(gemmaBegin(), behindMark()));
            case MISTRAL -> List.of(new CallTrigger(MistralCalls.BEGIN, behindMark()));
            case LLAMA3 ->
                tools.stream()
                        .map(tool -> {
                            Grammar rest = Grammar.sequence(schema(tool), Grammar.text("}"));
                            return new CallTrigger(llamaHead(tool), before -> Optional.of(rest), true);
                        })
                        .toList();
            case HARMONY -> {
                Map<String, Grammar> arguments = new LinkedHashMap<>();
                tools.forEach(tool -> arguments.put(tool.name(), schema(tool)));
                Function<String, Optional<Grammar>> then = before -> {
                    Matcher head = HARMONY_HEAD.matcher(before);
                    return head.find() ? Optional.ofNullable(arguments.get(head.group(1))) : Optional.empty();
                };
                yield List.of(new CallTrigger(HarmonyCalls.MESSAGE, then, true));
            }
        };
    }

    /** Returns what follows the mark with which a call, or a list of calls, begins. */
    private Grammar behindMark() {
        return switch (form) {
            case HERMES ->
                Grammar.sequence(
                        LINE_END, each(tool -> object(tool, Grammar.text(""))), LINE_END, mark(HermesCalls.END));
            case QWEN_XML -> Grammar.sequence(LINE_END, each(this::xml), LINE_END, mark(HermesCalls.END));
            case GEMMA ->
                Grammar.sequence(
                        each(tool -> Grammar.sequence(
                                Grammar.text("call:" + tool.name()), gemmaObject(tool, tool.parameters()))),
                        mark(gemmaBegin().equals(GemmaCalls.BEGIN) ? GemmaCalls.END : GemmaCalls.FUNCTION_END));
            case MISTRAL ->
                namesFirst
                        ? each(tool ->
                                Grammar.sequence(Grammar.text(tool.name()), mark(MistralCalls.ARGUMENTS), schema(tool)))
                        : list();
            case LLAMA3, HARMONY -> throw new IllegalStateException("calls of the form " + form + " have no mark");
        };
    }

    /** Returns Mistral's list of calls, each of which may have an id. */
    private Grammar list() {
        Grammar id = Grammar.repeat(Grammar.regex(", \"id\": \"[a-zA-Z0-9]{9}\""), 0, 1);
        Grammar one = each(tool -> object(tool, id));
        return Grammar.sequence(
                Grammar.either(Grammar.text("["), Grammar.text(" [")),
                one,
                Grammar.repeat(Grammar.sequence(Grammar.text(", "), one), 0, most - 1),
                Grammar.text("]"));
    }

    private static String llamaHead(ToolDefinition tool) {
        return "{\"name\": " + Json.write(tool.name()) + ", \"parameters\": ";
    }

    private Grammar object(ToolDefinition tool, Grammar more) {
        return Grammar.sequence(
                Grammar.text("{\"name\": " + Json.write(tool.name()) + ", \"arguments\": "),
                schema(tool),
                more,
                Grammar.text("}"));
    }

    private Grammar each(Function<ToolDefinition, Grammar> one) {
        return Grammar.either(tools.stream().map(one).toArray(Grammar[]::new));
    }

    /** Returns a mark as this vocabulary has it: a control token, or text. */
    private Grammar mark(String name) {
        int[] ids = tokenizer.encode(name, false, true);
        return ids.length == 1 && tokenizer.kind(ids[0]) == TokenKind.CONTROL
                ? Grammar.token(ids[0])
                : Grammar.text(name);
    }

    private static Grammar schema(ToolDefinition tool) {
        Map<String, Object> schema = new LinkedHashMap<>(tool.parameters());
        schema.putIfAbsent("type", "object");
        return json(tool, schema);
    }

    private static Grammar json(ToolDefinition tool, Map<?, ?> schema) {
        try {
            return Grammar.jsonSchema(Json.write(schema));
        } catch (GrammarException refused) {
            throw new IllegalArgumentException(
                    "the schema of the tool " + tool.name() + ": " + refused.getMessage()
                            + ". Change it, or turn off holding calls to their schemas (constrainCalls)",
                    refused);
        }
    }

    private Grammar xml(ToolDefinition tool) {
        List<Grammar> parts = new ArrayList<>();
        parts.add(Grammar.text(XmlCalls.FUNCTION + tool.name() + ">\n"));
        properties(tool.parameters()).forEach((name, property) -> {
            Grammar value = isText(property)
                    ? Grammar.without("\n" + XmlCalls.PARAMETER_END)
                    : strings(property).isEmpty()
                            ? json(tool, withDefinitions(tool, property))
                            : Grammar.choice(strings(property).toArray(String[]::new));
            Grammar parameter = Grammar.sequence(
                    Grammar.text(XmlCalls.PARAMETER + name + ">\n"),
                    value,
                    Grammar.text("\n" + XmlCalls.PARAMETER_END + "\n"));
            parts.add(isRequired(tool.parameters(), name) ? parameter : Grammar.repeat(parameter, 0, 1));
        });
        parts.add(Grammar.text(XmlCalls.FUNCTION_END));
        return Grammar.sequence(parts.toArray(Grammar[]::new));
    }

    /** Returns {@code {key:value,…}}: optional keys may be left out, and keys come in the schema's order. */
    private Grammar gemmaObject(ToolDefinition tool, Map<?, ?> schema) {
        Grammar first = null;
        Grammar later = Grammar.text("");
        List<Map.Entry<String, Map<?, ?>>> all =
                new ArrayList<>(properties(schema).entrySet());
        // From the last key to the first: what follows a key, with a comma if something is before it.
        for (Map.Entry<String, Map<?, ?>> property : all.reversed()) {
            Grammar one =
                    Grammar.sequence(Grammar.text(property.getKey() + ":"), gemmaValue(tool, property.getValue()));
            Grammar begins = Grammar.sequence(one, later);
            boolean required = isRequired(schema, property.getKey());
            first = required ? begins : Grammar.either(begins, first == null ? Grammar.text("") : first);
            Grammar follows = Grammar.sequence(Grammar.text(","), one, later);
            later = required ? follows : Grammar.either(follows, later);
        }
        return Grammar.sequence(Grammar.text("{"), first == null ? Grammar.text("") : first, Grammar.text("}"));
    }

    private Grammar gemmaValue(ToolDefinition tool, Map<?, ?> schema) {
        String quote = gemmaBegin().equals(GemmaCalls.BEGIN) ? GemmaCalls.QUOTE : GemmaCalls.FUNCTION_QUOTE;
        Set<String> strings = strings(schema);
        if (!strings.isEmpty()) {
            return Grammar.sequence(mark(quote), Grammar.choice(strings.toArray(String[]::new)), mark(quote));
        }
        return switch (schema.get("type") instanceof String type ? type : "") {
            case "string" -> Grammar.sequence(mark(quote), Grammar.without(quote), mark(quote));
            case "object" -> gemmaObject(tool, schema);
            case "array" -> {
                Grammar item = gemmaValue(tool, schema.get("items") instanceof Map<?, ?> items ? items : Map.of());
                Grammar more = Grammar.repeat(Grammar.sequence(Grammar.text(","), item), 0, -1);
                yield Grammar.sequence(
                        Grammar.text("["), Grammar.repeat(Grammar.sequence(item, more), 0, 1), Grammar.text("]"));
            }
            case "integer", "number", "boolean", "null" -> json(tool, schema);
            default ->
                throw new IllegalArgumentException("the schema of the tool " + tool.name() + " has a value of the type "
                        + schema.get("type") + ", which calls of the form " + form
                        + " are not held to: name one type, or turn"
                        + " off holding calls to their schemas (constrainCalls)");
        };
    }

    private String gemmaBegin() {
        int[] ids = tokenizer.encode(GemmaCalls.FUNCTION_BEGIN, false, true);
        return ids.length == 1 ? GemmaCalls.FUNCTION_BEGIN : GemmaCalls.BEGIN;
    }

    private static Map<String, Map<?, ?>> properties(Map<?, ?> schema) {
        Map<String, Map<?, ?>> properties = new LinkedHashMap<>();
        if (schema.get("properties") instanceof Map<?, ?> known) {
            known.forEach((name, value) ->
                    properties.put((String) name, value instanceof Map<?, ?> map ? map : Map.of()));
        }
        return properties;
    }

    private static boolean isRequired(Map<?, ?> schema, String name) {
        return schema.get("required") instanceof List<?> required && required.contains(name);
    }

    private static boolean isText(Map<?, ?> schema) {
        return "string".equals(schema.get("type")) && strings(schema).isEmpty();
    }

    /** Returns the texts that a value may be, if its schema lists them. */
    private static Set<String> strings(Map<?, ?> schema) {
        Set<String> strings = new LinkedHashSet<>();
        if (schema.get("enum") instanceof List<?> values && "string".equals(schema.get("type"))) {
            values.forEach(value -> strings.add(String.valueOf(value)));
        }
        return strings;
    }

    /** Returns a part of a tool's schema that may refer to definitions of the whole. */
    private static Map<?, ?> withDefinitions(ToolDefinition tool, Map<?, ?> property) {
        Map<Object, Object> whole = new LinkedHashMap<>(property);
        for (String key : List.of("$defs", "definitions")) {
            if (tool.parameters().containsKey(key)) {
                whole.putIfAbsent(key, tool.parameters().get(key));
            }
        }
        return whole;
    }
}
