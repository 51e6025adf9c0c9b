package dev.skald.runtime.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads special tokens, the tokens that surround texts, normalizers and chat templates from the files of a tokenizer.
 * The decisions follow {@code SpecialVocab} in gguf-py's {@code vocab.py} (August 2026), even where they are odd.
 */
final class SpecialTokens {
    private static final Map<String, String> KEYS = Map.ofEntries(
            Map.entry("bos", "tokenizer.ggml.bos_token_id"),
            Map.entry("eos", "tokenizer.ggml.eos_token_id"),
            Map.entry("unk", "tokenizer.ggml.unknown_token_id"),
            Map.entry("sep", "tokenizer.ggml.seperator_token_id"),
            Map.entry("pad", "tokenizer.ggml.padding_token_id"),
            Map.entry("mask", "tokenizer.ggml.mask_token_id"),
            Map.entry("eot", "tokenizer.ggml.eot_token_id"),
            Map.entry("eom", "tokenizer.ggml.eom_token_id"));

    private static final Map<String, String> ADD_KEYS = Map.of(
            "bos", "tokenizer.ggml.add_bos_token",
            "eos", "tokenizer.ggml.add_eos_token",
            "sep", "tokenizer.ggml.add_sep_token");

    private final List<String> kinds = new ArrayList<>(List.of("bos", "eos", "unk", "sep", "pad", "cls", "mask"));
    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private final Map<String, Boolean> adds = new LinkedHashMap<>();
    private final long vocabularySize;
    private List<String> merges = List.of();
    private Object template;
    private Boolean lowercase;
    private Boolean stripAccents;

    private SpecialTokens(long vocabularySize) {
        this.vocabularySize = vocabularySize;
    }

    /** Reads the special tokens of a vocabulary of this size. */
    static SpecialTokens read(Folder folder, long vocabularySize, boolean merges) throws IOException {
        SpecialTokens special = new SpecialTokens(vocabularySize);
        special.load(folder, merges);
        return special;
    }

    /** Sets a token unless it has been set. */
    void set(String kind, Integer id) {
        if (id != null && id >= 0 && id < vocabularySize) {
            ids.putIfAbsent(kind, id);
        }
    }

    /** Sets a token even if it has been set. */
    void replace(String kind, int id) {
        ids.put(kind, id);
    }

    void addTo(Keys keys) {
        keys.texts("tokenizer.ggml.merges", merges);
        ids.forEach((kind, id) -> {
            if (KEYS.containsKey(kind)) {
                keys.uint32(KEYS.get(kind), id);
            }
        });
        adds.forEach((kind, add) -> {
            if (ADD_KEYS.containsKey(kind)) {
                keys.flag(ADD_KEYS.get(kind), add);
            }
        });
        addTemplate(keys);
        if (lowercase != null) {
            keys.flag("tokenizer.ggml.normalizer.lowercase", lowercase);
        }
        if (stripAccents != null) {
            keys.flag("tokenizer.ggml.normalizer.strip_accents", stripAccents);
        }
    }

    private void addTemplate(Keys keys) {
        if (template instanceof String text) {
            keys.text("tokenizer.chat_template", text);
        } else if (template instanceof List<?> choices) {
            List<String> names = new ArrayList<>();
            String usual = null;
            for (Object choice : choices) {
                if (choice instanceof Map<?, ?> map && map.get("template") instanceof String text) {
                    String name = String.valueOf(map.get("name")).replaceAll("[^A-Za-z0-9]", "_");
                    if (name.equals("default")) {
                        usual = text;
                    } else {
                        names.add(name);
                        keys.text("tokenizer.chat_template." + name, text);
                    }
                }
            }
            keys.texts("tokenizer.chat_templates", names.stream().distinct().toList());
            if (usual != null) {
                keys.text("tokenizer.chat_template", usual);
            }
        }
    }

    private void load(Folder folder, boolean withMerges) throws IOException {
        Optional<Config> json = folder.json("tokenizer.json");
        Optional<Config> config = folder.json("tokenizer_config.json");
        // The settings of the post-processor count like settings of the configuration.
        Map<String, Object> named = new HashMap<>(config.map(Config::values).orElse(Map.of()));
        if (json.isPresent()) {
            if (withMerges) {
                merges = TokenizerJson.read(folder).merges();
            }
            json.get().maybeObject("normalizer").ifPresent(this::normalizer);
            postProcessor(json.get(), named, config.isPresent());
        }
        if (config.isPresent()) {
            template = template(folder, config.get());
            fromNames(named, json.map(all -> all.objects("added_tokens")).orElse(List.of()));
        }
        Optional<Config> model = folder.json("config.json");
        if (model.isPresent()) {
            for (String kind : kinds) {
                String key = kind + "_token_id";
                Object id = model.get().values().get(key);
                if (id == null) {
                    id = model.get()
                            .maybeObject("text_config")
                            .map(text -> text.values().get(key))
                            .orElse(null);
                }
                if (id instanceof Number number) {
                    set(kind, number.intValue());
                }
            }
        }
        if (withMerges && merges.isEmpty()) {
            merges = mergesFile(folder);
        }
    }

    private static List<String> mergesFile(Folder folder) throws IOException {
        return folder.text("merges.txt").map(text -> text.lines().toList()).orElse(List.of()).stream()
                .filter(line -> !line.startsWith("#version"))
                .map(String::strip)
                .filter(line -> line.split("\\s+").length == 2)
                .map(line -> String.join(" ", line.split("\\s+")))
                .toList();
    }

    private void normalizer(Config part) {
        switch (part.string("type").orElse("")) {
            case "Lowercase" -> lowercase = true;
            case "StripAccents" -> stripAccents = true;
            case "BertNormalizer" -> {
                lowercase =
                        part.values().containsKey("lowercase") ? (Boolean) part.flag("lowercase", false) : lowercase;
                // An absent value counts like null: the value of lowercase applies.
                stripAccents = part.has("strip_accents") ? (Boolean) part.flag("strip_accents", false) : stripAccents;
            }
            case "Sequence" -> part.objects("normalizers").forEach(this::normalizer);
            default -> {}
        }
    }

    /** Returns the text of a token, which is a string or an object that contains one. */
    private static String content(Object token) {
        if (token instanceof Map<?, ?> map) {
            return map.get("content") instanceof String text ? text : null;
        }
        return token instanceof String text && !text.isEmpty() ? text : null;
    }

    private void postProcessor(Config json, Map<String, Object> named, boolean configured) {
        if (content(named.get("bos_token")) == null && content(named.get("cls_token")) != null) {
            named.put("bos_token", named.get("cls_token"));
        }
        if (content(named.get("eos_token")) == null && content(named.get("sep_token")) != null) {
            named.put("eos_token", named.get("sep_token"));
        }
        Optional<Config> post = json.maybeObject("post_processor");
        if (post.isEmpty()) {
            return;
        }
        List<Config> processors = post.get().has("processors") ? post.get().objects("processors") : List.of(post.get());
        for (Config processor : processors) {
            switch (processor.string("type").orElse("")) {
                case "RobertaProcessing" -> {
                    adds.put("bos", true);
                    adds.put("eos", true);
                    adds.put("sep", true);
                    nameFrom(processor, "cls", "bos_token", named, configured);
                    nameFrom(processor, "sep", "eos_token", named, configured);
                }
                case "TemplateProcessing" -> template(processor, named, configured);
                default -> {}
            }
        }
    }

    private static void nameFrom(
            Config processor, String kind, String fallback, Map<String, Object> named, boolean configured) {
        if (configured && content(named.get(kind + "_token")) == null) {
            List<?> pair = processor.list(kind);
            named.put(kind + "_token", pair.isEmpty() ? named.get(fallback) : pair.getFirst());
        }
    }

    /** Returns the special token in a template; null if the piece is the text. */
    private static String special(Config piece) {
        return piece.maybeObject("SpecialToken")
                .flatMap(token -> token.string("id"))
                .orElse(null);
    }

    private static String sequence(Config piece) {
        return piece.maybeObject("Sequence")
                .flatMap(token -> token.string("id"))
                .orElse(null);
    }

    private void template(Config processor, Map<String, Object> named, boolean configured) {
        List<Config> single = processor.objects("single");
        String first = null;
        String last = null;
        if (single.size() > 1) {
            first = special(single.getFirst());
            if (first != null) {
                String bos = content(named.get("bos_token"));
                String cls = content(named.get("cls_token"));
                if (!configured || bos == null) {
                    bos = first.equals(cls) && configured ? bos : first;
                    named.put("bos_token", bos);
                }
                if (configured && cls == null && !first.equals(content(named.get("bos_token")))) {
                    named.put("cls_token", first);
                    cls = first;
                }
                adds.put("bos", first.equals(bos) || first.equals(cls));
            }
            last = special(single.getLast());
            if (last != null) {
                String eos = content(named.get("eos_token"));
                if (configured && !last.equals(eos)) {
                    for (String kind : List.of("eot", "eom")) {
                        if (!kinds.contains(kind)) {
                            kinds.add(kind);
                            named.put(kind + "_token", eos);
                            break;
                        }
                    }
                }
                named.put("eos_token", last);
                adds.put("eos", true);
            }
        }
        pair(processor.objects("pair"), first, last, named, configured);
    }

    /** Finds the tokens between two texts. */
    private void pair(List<Config> pair, String first, String last, Map<String, Object> named, boolean configured) {
        if (pair.isEmpty()) {
            return;
        }
        int from = first != null && first.equals(special(pair.getFirst())) ? 1 : 0;
        int to = last != null && last.equals(special(pair.getLast())) ? pair.size() - 1 : pair.size();
        if (to - from < 3 || !"A".equals(sequence(pair.get(from))) || !"B".equals(sequence(pair.get(to - 1)))) {
            return;
        }
        List<Config> between = pair.subList(from + 1, to - 1);
        String sep = content(named.get("sep_token"));
        String eos = content(named.get("eos_token"));
        String one = special(between.getFirst());
        boolean add = one != null && (one.equals(sep) || one.equals(eos)) && last == null;
        if (between.size() == 2) {
            String two = special(between.get(1));
            add |= two != null && (two.equals(sep) || two.equals(eos));
        }
        adds.put("sep", add);
        if (add && sep == null && configured) {
            named.put("sep_token", eos);
        }
    }

    private static Object template(Folder folder, Config config) throws IOException {
        Object given = config.values().get("chat_template");
        if (config.values().containsKey("chat_template")) {
            return given;
        }
        Optional<String> jinja = folder.text("chat_template.jinja");
        if (jinja.isPresent()) {
            Path more = folder.path().resolve("additional_chat_templates");
            if (!Files.isDirectory(more)) {
                return jinja.get();
            }
            List<Object> all = new ArrayList<>(List.of(Map.of("name", "default", "template", jinja.get())));
            try (Stream<Path> files = Files.list(more)) {
                for (Path file : files.sorted().toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith(".jinja")) {
                        String text = new Folder(more).text(name).orElse("");
                        all.add(Map.of("name", name.substring(0, name.length() - 6), "template", text));
                    }
                }
            }
            return all.size() == 1 ? jinja.get() : all;
        }
        return folder.json("chat_template.json")
                .map(file -> file.values().get("chat_template"))
                .orElse(null);
    }

    private void fromNames(Map<String, Object> named, List<Config> added) {
        for (String kind : kinds) {
            if (named.get("add_" + kind + "_token") instanceof Boolean add) {
                adds.put(kind, add);
            }
            Object entry = named.get(kind + "_token");
            String text = entry instanceof Map<?, ?> || entry instanceof String ? content(entry) : null;
            if (text != null) {
                added.stream()
                        .filter(token -> text.equals(token.values().get("content")))
                        .findFirst()
                        .ifPresent(token -> set(kind, token.integer("id")));
            }
        }
    }
}
