package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The keys that describe a model to people: its name, size, licence and origins. They come from the model card and the
 * name of the folder. Source of the heuristics: gguf-py's {@code metadata.py} (August 2026).
 */
final class Description {
    private static final Pattern VERSION = Pattern.compile("(v|iter)?\\d+([.]\\d+)*", Pattern.CASE_INSENSITIVE);
    private static final Pattern TYPE = Pattern.compile("i?q\\d(_\\w)*|b?fp?(16|32)", Pattern.CASE_INSENSITIVE);
    private static final Pattern SIZE = Pattern.compile(
            "(([A]|\\d+[x])?\\d+([._]\\d+)?[KMBT][\\d]?|small|mini|medium|large|x?xl)", Pattern.CASE_INSENSITIVE);
    private static final Pattern FINETUNE = Pattern.compile("chat|instruct|vision|lora", Pattern.CASE_INSENSITIVE);
    private static final Pattern NO_TITLE = Pattern.compile("v\\d+(?:\\.\\d+)*|\\d.*");

    private final Folder folder;
    private final long parameters;
    private final String sizeLabel;
    private final Map<String, String> texts = new LinkedHashMap<>();

    Description(Folder folder, Map<String, Weight> weights) {
        this.folder = folder;
        long shared = 0;
        long ofExperts = 0;
        long experts = 0;
        int tensors = 0;
        long all = 0;
        for (Map.Entry<String, Weight> entry : weights.entrySet()) {
            Weight weight = entry.getValue();
            int sizes = weight.dimensions();
            if (entry.getKey().contains("_exps.") && sizes >= 3) {
                long count = weight.shape().get(sizes - (entry.getKey().contains(".bias") ? 2 : 3));
                ofExperts += weight.elements() / count;
                experts += count;
                tensors++;
            } else {
                shared += weight.elements();
            }
            all += weight.elements();
        }
        parameters = all;
        sizeLabel = tensors == 0 ? rounded(all) : experts / tensors + "x" + rounded(shared + ofExperts);
    }

    private static String rounded(long count) {
        double scaled = count;
        String suffix = "K";
        if (count > 1e12) {
            scaled *= 1e-12;
            suffix = "T";
        } else if (count > 1e9) {
            scaled *= 1e-9;
            suffix = "B";
        } else if (count > 1e6) {
            scaled *= 1e-6;
            suffix = "M";
        } else {
            scaled *= 1e-3;
        }
        String whole = Long.toString((long) Math.rint(scaled)).replaceFirst("^0+", "");
        return String.format(Locale.ROOT, "%." + Math.max(2 - whole.length(), 0) + "f", scaled) + suffix;
    }

    /** The parts of a model's name. */
    private record Id(
            String name, String organization, String basename, String finetune, String version, String size) {}

    private static String title(String text) {
        return Arrays.stream(text.strip().replace('-', ' ').split("\\s+"))
                .map(word -> isLower(word) && !NO_TITLE.matcher(word).matches() ? capitalized(word) : word)
                .collect(Collectors.joining(" "));
    }

    private static boolean isLower(String word) {
        return word.equals(word.toLowerCase(Locale.ROOT)) && !word.equals(word.toUpperCase(Locale.ROOT));
    }

    /** Capitalizes each run of letters, as Python does. */
    private static String capitalized(String word) {
        StringBuilder title = new StringBuilder();
        boolean inside = false;
        for (char c : word.toCharArray()) {
            title.append(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inside = Character.isLetter(c);
        }
        return title.toString();
    }

    private Id id(String modelId) {
        if (modelId.contains(" ")) {
            return new Id(modelId, null, null, null, null, null);
        }
        int slash = modelId.indexOf('/');
        String organization = slash < 0 ? null : modelId.substring(0, slash);
        String full = modelId.substring(slash + 1);
        if (organization != null && organization.startsWith(".")) {
            organization = null;
        }
        List<String> parts = new ArrayList<>(
                Arrays.stream(full.split("-")).filter(part -> !part.isEmpty()).toList());
        List<Set<String>> kinds = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            kinds.add(new LinkedHashSet<>());
            classify(parts, i, kinds.get(i));
        }
        boolean numbered = false;
        for (int i = 0; i < parts.size(); i++) {
            numbered |= kinds.get(i).contains("size") && parts.get(i).matches(".*\\d.*");
        }
        boolean start = true;
        for (int i = 0; i < parts.size(); i++) {
            Set<String> kind = kinds.get(i);
            if (numbered && parts.get(i).matches("\\p{L}+")) {
                kind.remove("size");
            }
            if (start && (kind.isEmpty() && Character.isLetter(parts.get(i).charAt(0)) || kind.contains("version"))) {
                kind.add("basename");
            } else {
                start = false;
                if (kind.isEmpty()) {
                    kind.add("finetune");
                }
            }
        }
        for (int i = parts.size() - 1;
                i >= 0 && kinds.get(i).contains("basename") && kinds.get(i).size() > 1;
                i--) {
            kinds.get(i).remove("basename");
        }
        String basename = joined(parts, kinds, "basename", false);
        String size = joined(parts, kinds, "size", false);
        String finetune = joined(parts, kinds, "finetune", false);
        String version = joined(parts, kinds, "version", true);
        if (size == null && finetune == null && version == null) {
            basename = null;
        }
        return new Id(full, organization, basename, finetune, version, size);
    }

    private void classify(List<String> parts, int i, Set<String> kind) {
        String part = parts.get(i);
        if (VERSION.matcher(part).matches()) {
            kind.add("version");
        } else if (TYPE.matcher(part).matches()) {
            kind.add("type");
            parts.set(i, part.toUpperCase(Locale.ROOT));
        } else if (i > 0 && SIZE.matcher(part).matches()) {
            size(parts, i, kind);
        } else if (i > 0 && FINETUNE.matcher(part).matches()) {
            kind.add("finetune");
        }
    }

    private void size(List<String> parts, int i, Set<String> kind) {
        String part = parts.get(i).replace('_', '.');
        int last = part.length() - 1;
        if (Character.isDigit(part.charAt(last))) {
            part = part.substring(0, last - 1) + "." + part.charAt(last) + part.charAt(last - 1);
        }
        last = part.length() - 1;
        if (last > 0 && Character.isDigit(part.charAt(last - 1))) {
            part = part.substring(0, last) + part.substring(last).toUpperCase(Locale.ROOT);
        }
        int power = " KMBT".indexOf(part.charAt(last));
        if (parameters != 0 && power > 0 && part.substring(0, last).matches("\\d+(\\.\\d+)?")) {
            double claimed = Double.parseDouble(part.substring(0, last)) * Math.pow(1000, power);
            if (Math.abs(claimed - parameters) > 7 * parameters / 8) {
                // A number this large is more likely a context length.
                kind.add("finetune");
                part = part.substring(0, last) + part.substring(last).toLowerCase(Locale.ROOT);
            }
        }
        if (kind.isEmpty()) {
            kind.add("size");
        }
        parts.set(i, part);
    }

    private static String joined(List<String> parts, List<Set<String>> kinds, String kind, boolean notBasename) {
        Set<String> found = new LinkedHashSet<>();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if (kinds.get(i).contains(kind) && !(notBasename && kinds.get(i).contains("basename"))) {
                found.add(parts.get(i));
                all.add(parts.get(i));
            }
        }
        return all.isEmpty() ? null : String.join("-", kind.equals("size") ? found : all);
    }

    private void setIfAbsent(String key, String value) {
        if (value != null) {
            texts.putIfAbsent(key, value);
        }
    }

    private void fromId(Id id, boolean withOrganization) {
        setIfAbsent("name", id.name == null ? null : title(id.name));
        if (withOrganization) {
            setIfAbsent("organization", id.organization == null ? null : title(id.organization));
        }
        setIfAbsent("basename", id.basename);
        setIfAbsent("finetune", id.finetune);
        setIfAbsent("version", id.version);
        setIfAbsent("size_label", id.size);
    }

    void addTo(Keys keys) throws IOException {
        sampling(keys);
        ModelCard card = ModelCard.of(folder.text("README.md").orElse(""));
        for (String[] pair : new String[][] {
            {"name", "name"},
            {"author", "author"},
            {"version", "version"},
            {"organization", "organization"},
            {"description", "description"},
            {"finetune", "finetune"},
            {"basename", "basename"},
            {"size_label", "size_label"},
            {"name", "model_name"},
            {"author", "model_author"},
            {"version", "model_version"},
            {"organization", "model_organization"},
            {"description", "model_description"},
            {"finetune", "model_finetune"},
            {"basename", "model_basename"},
            {"size_label", "model_size_label"},
            {"author", "model_creator"},
            {"basename", "model_type"}
        }) {
            setIfAbsent(pair[0], card.text(pair[1]));
        }
        folder.json("config.json")
                .flatMap(config -> config.string("_name_or_path"))
                .ifPresent(path -> {
                    if (path.chars().filter(c -> c == '/').count() <= 1 && !path.isEmpty()) {
                        fromId(id(path), true);
                    }
                });
        String name = folder.path().toAbsolutePath().normalize().getFileName().toString();
        fromId(id(name), true);
        setIfAbsent("size_label", sizeLabel);
        for (String key : List.of(
                "name", "author", "version", "organization", "finetune", "basename", "description", "size_label")) {
            if (texts.containsKey(key)) {
                keys.text("general." + key, texts.get(key));
            }
        }
        keys.text("general.license", String.join(",", card.list("license")));
        keys.text("general.license.name", orEmpty(card.text("license_name")));
        keys.text("general.license.link", orEmpty(card.text("license_link")));
        origins(keys, "base_model", card.first("base_model", "base_models", "base_model_sources"));
        origins(keys, "dataset", card.first("datasets", "dataset", "dataset_sources"));
        List<String> tags = new ArrayList<>(card.list("tags"));
        tags.addAll(card.list("pipeline_tag"));
        keys.texts("general.tags", tags);
        List<String> languages = new ArrayList<>(card.list("languages"));
        languages.addAll(card.list("language"));
        keys.texts("general.languages", languages);
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }

    private void origins(Keys keys, String kind, List<String> origins) {
        if (origins.isEmpty()) {
            return;
        }
        keys.uint32("general." + kind + ".count", origins.size());
        for (int i = 0; i < origins.size(); i++) {
            String prefix = "general." + kind + "." + i + ".";
            String origin = origins.get(i);
            String model = origin;
            String url = null;
            if (origin.matches("(https?|ssh)://.*")) {
                Matcher hub =
                        Pattern.compile("https?://huggingface.co/([^/]+/[^/]+)").matcher(origin);
                url = origin;
                model = hub.matches() ? hub.group(1) : null;
            }
            if (model != null) {
                Id id = id(model);
                keys.text(prefix + "name", title(id.name));
                keys.text(prefix + "version", orEmpty(id.version));
                keys.text(prefix + "organization", id.organization == null ? "" : title(id.organization));
                if (url == null && id.organization != null) {
                    url = "https://huggingface.co/" + id.organization + "/" + id.name;
                }
            }
            keys.text(prefix + "repo_url", orEmpty(url));
        }
    }

    /** Adds the sampling settings that the maker recommends. */
    private void sampling(Keys keys) throws IOException {
        Config config =
                folder.json("generation_config.json").orElseGet(() -> new Config("generation_config.json", Map.of()));
        if (config.has("top_k")) {
            keys.int32("general.sampling.top_k", config.integer("top_k"));
        }
        for (String[] pair : new String[][] {
            {"top_p", "top_p"},
            {"min_p", "min_p"},
            {"xtc_probability", "xtc_probability"},
            {"xtc_threshold", "xtc_threshold"},
            {"temp", "temperature"}
        }) {
            if (config.has(pair[1])) {
                keys.float32("general.sampling." + pair[0], config.number(pair[1]));
            }
        }
        if (config.has("penalty_last_n")) {
            keys.int32("general.sampling.penalty_last_n", config.integer("penalty_last_n"));
        }
        if (config.has("penalty_repeat")) {
            keys.float32("general.sampling.penalty_repeat", config.number("penalty_repeat"));
        }
    }
}
