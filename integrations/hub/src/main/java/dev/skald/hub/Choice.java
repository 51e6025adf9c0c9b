package dev.skald.hub;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A model among the files of a repository.
 *
 * @param files the file, or the parts of a split model in order
 * @param parts the expected number of parts
 */
record Choice(List<Entry> files, int parts) {
    /** The quantizations to prefer if the name does not specify one. */
    private static final List<String> USUAL = List.of("Q4_K_M", "Q8_0");

    private static final Pattern PART = Pattern.compile("(?i)(.+)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final Pattern QUANTIZATION = Pattern.compile(
            "(?i)(?<=^|[-_./])(?:UD-)?(?:IQ\\d_[A-Z0-9_]+|Q\\d(?:_[A-Z0-9]+)*|TQ\\d_\\d|MXFP4(?:_MOE)?|NVFP4|BF16|F16|F32|FP16|FP32)"
                    + "(?=[-./]|$)");
    /** Files that accompany a model but are not models: image encoders, draft models and importance matrices. */
    private static final Pattern COMPANION = Pattern.compile("(?i)(?:^|.*[-_.])(?:mmproj|mtp|eagle\\d*)(?:[-_.].*|$)");

    private static final Pattern IMPORTANCES = Pattern.compile("(?i)(?:^|.*[-_.])imatrix(?:[-_.].*|$)");

    private static final Comparator<Choice> SIMPLEST_NAME = Comparator.<Choice>comparingLong(
                    choice -> choice.base().chars().filter(c -> c == '/').count())
            .thenComparing(choice -> choice.base().length())
            .thenComparing(Choice::base);

    /** Returns the file's path without its extension and part number. */
    String base() {
        return base(files.getFirst().path());
    }

    private static String base(String path) {
        Matcher part = PART.matcher(path);
        return part.matches() ? part.group(1) : path.substring(0, path.length() - ".gguf".length());
    }

    /** Returns the quantization in the name of the file, or else of its folder; empty if neither has one. */
    String quantization() {
        String base = base();
        int slash = base.lastIndexOf('/');
        return lastMatch(base.substring(slash + 1))
                .or(() -> lastMatch(slash < 0 ? "" : base.substring(0, slash)))
                .orElse("");
    }

    private static Optional<String> lastMatch(String text) {
        return QUANTIZATION
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .reduce((first, second) -> second)
                .map(found -> found.toUpperCase(Locale.ROOT));
    }

    /** Returns the part of a name after the colon that selects this model. */
    String label() {
        String quantization = quantization();
        return quantization.isEmpty() ? files.getFirst().path() : quantization;
    }

    long bytes() {
        return files.stream().mapToLong(file -> Math.max(0, file.size())).reduce(0, SnapshotDownload::sum);
    }

    boolean isComplete() {
        return files.size() == parts;
    }

    private boolean isModel() {
        String name = base().substring(base().lastIndexOf('/') + 1);
        return !COMPANION.matcher(name).matches()
                && !(IMPORTANCES.matcher(name).matches() && quantization().isEmpty());
    }

    /** Returns whether the name contains this word between hyphens and dots. */
    private boolean fits(String wanted) {
        return Pattern.compile("(?i)(?:^|.*[-_./])" + Pattern.quote(wanted) + "(?:[-./].*|$)")
                .matcher(base())
                .matches();
    }

    /** Returns the models among files, ordered by name. */
    static List<Choice> all(List<Entry> entries) {
        Map<String, TreeMap<Integer, Entry>> byBase = new TreeMap<>();
        Map<String, Integer> parts = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (!entry.isGguf() || entry.path().length() == ".gguf".length()) {
                continue;
            }
            Matcher part = PART.matcher(entry.path());
            boolean split = part.matches();
            String key = split ? part.group(1) + "-of-" + part.group(3) : entry.path();
            byBase.computeIfAbsent(key, k -> new TreeMap<>()).put(split ? Integer.parseInt(part.group(2)) : 1, entry);
            parts.put(key, split ? Math.max(1, Integer.parseInt(part.group(3))) : 1);
        }
        List<Choice> choices = new ArrayList<>();
        byBase.forEach((key, files) -> choices.add(new Choice(List.copyOf(files.values()), parts.get(key))));
        return choices;
    }

    /** Returns the choices without files that only accompany a model. */
    static List<Choice> models(List<Choice> all) {
        return all.stream().filter(Choice::isModel).toList();
    }

    /**
     * Returns the choices that a name may mean, the best first.
     *
     * @return one or more choices
     * @throws HubException if no model fits the name
     */
    static List<Choice> fitting(HubName name, List<Entry> entries) throws HubException {
        String folder = name.folder().isEmpty() ? "" : name.folder() + "/";
        List<Choice> all = all(entries.stream()
                .filter(entry -> entry.path().startsWith(folder))
                .toList());
        if (name.namesFile()) {
            return List.of(file(name, all));
        }
        List<Choice> models = models(all);
        if (models.isEmpty()) {
            throw new HubException(
                    HubException.Kind.NO_GGUF,
                    name.repository() + (folder.isEmpty() ? "" : "/" + folder) + " has no model in GGUF"
                            + (all.isEmpty() ? "" : ", only " + names(all)) + others(entries)
                            + "; look for a repository whose name ends in -GGUF");
        }
        for (String wanted : name.choice().isEmpty() ? USUAL : List.of(name.choice())) {
            List<Choice> fitting = models.stream()
                    .filter(choice -> choice.fits(wanted))
                    .sorted(Comparator.<Choice, Boolean>comparing(
                                    choice -> !choice.quantization().equalsIgnoreCase(wanted))
                            .thenComparing(SIMPLEST_NAME))
                    .toList();
            if (!fitting.isEmpty()) {
                return fitting;
            }
        }
        if (name.choice().isEmpty()) {
            return models;
        }
        throw new HubException(
                HubException.Kind.NO_SUCH_QUANTIZATION,
                name.repository() + " has no " + name.choice() + "; it has " + described(models));
    }

    private static Choice file(HubName name, List<Choice> all) throws HubException {
        List<Choice> fitting = all.stream()
                .filter(choice -> choice.files().stream()
                        .map(Entry::path)
                        .anyMatch(path -> path.equals(name.choice()) || path.endsWith("/" + name.choice())))
                .sorted(SIMPLEST_NAME)
                .toList();
        if (fitting.isEmpty()) {
            throw new HubException(
                    HubException.Kind.NOT_FOUND,
                    name.repository() + " has no file " + name.choice()
                            + (all.isEmpty() ? "" : "; it has " + names(all)));
        }
        return fitting.getFirst();
    }

    private static String others(List<Entry> entries) {
        List<String> weights = entries.stream()
                .map(Entry::path)
                .filter(path -> path.endsWith(".safetensors") || path.endsWith(".bin"))
                .toList();
        return weights.isEmpty() ? "" : " (its weights are in " + some(weights) + ")";
    }

    private static String names(List<Choice> all) {
        return some(all.stream().map(choice -> choice.files().getFirst().path()).toList());
    }

    private static String some(List<String> names) {
        int shown = 5;
        return names.stream().limit(shown).collect(Collectors.joining(", "))
                + (names.size() > shown ? " and " + (names.size() - shown) + " more" : "");
    }

    /** Returns the labels and sizes of choices. */
    static String described(List<Choice> choices) {
        return some(choices.stream()
                .map(choice -> choice.label() + (choice.bytes() > 0 ? " (" + Hub.size(choice.bytes()) + ")" : ""))
                .toList());
    }
}
