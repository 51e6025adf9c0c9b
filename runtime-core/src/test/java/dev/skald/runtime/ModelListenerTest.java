package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.event.BatchComputed;
import dev.skald.runtime.event.ModelListener;
import dev.skald.runtime.event.ModelOpened;
import dev.skald.runtime.event.PromptRead;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events of a model's work, as a listener and a recording get them. */
class ModelListenerTest {
    private static final int[] PROMPT = {5, 6, 7, 8};

    @TempDir
    private Path folder;

    private static final class Heard implements ModelListener {
        final List<ModelOpened> opened = new ArrayList<>();
        final List<PromptRead> prompts = new ArrayList<>();
        final List<GenerationResult> generations = new ArrayList<>();
        final List<BatchComputed> batches = new ArrayList<>();

        @Override
        public void opened(ModelOpened event) {
            opened.add(event);
        }

        @Override
        public void promptRead(PromptRead event) {
            prompts.add(event);
        }

        @Override
        public void generationEnded(GenerationResult result) {
            generations.add(result);
        }

        @Override
        public void batchComputed(BatchComputed event) {
            batches.add(event);
        }
    }

    private Path file() {
        return new TestModel().write(folder.resolve("listened.gguf"));
    }

    private static GenerationResult generate(Model model, int most) {
        try (var session = model.newSession(options -> options.prefixCache(false));
                Generation generation =
                        session.generate(PROMPT, o -> o.maxTokens(most).ignoreEnd(true))) {
            generation.forEach(token -> {});
            return generation.result();
        }
    }

    @Test
    void aListenerHearsOfEverything() throws IOException {
        Heard heard = new Heard();
        Path file = file();
        try (Model model = Model.open(file, options -> options.listener(heard))) {
            assertEquals(file, heard.opened.getFirst().file());
            assertEquals(model.weightBytes(), heard.opened.getFirst().weightBytes());
            assertTrue(heard.opened.getFirst().time().isPositive());
            GenerationResult result = generate(model, 3);
            assertEquals(List.of(result), heard.generations);
            PromptRead prompt = heard.prompts.getFirst();
            assertEquals(PROMPT.length, prompt.promptTokens());
            assertEquals(0, prompt.cachedTokens());
            assertTrue(prompt.time().compareTo(result.promptTime()) <= 0);
            // The third token is not computed any more.
            assertEquals(PROMPT.length, rows(heard.batches, true));
            assertEquals(2, rows(heard.batches, false));
            assertTrue(heard.batches.stream().allMatch(batch -> batch.callers() == 1));
        }
    }

    /** Prompts of a few tokens count as single ones. */
    private static int rows(List<BatchComputed> batches, boolean first) {
        return batches.stream()
                .skip(first ? 0 : 1)
                .limit(first ? 1 : Long.MAX_VALUE)
                .mapToInt(batch -> batch.singleTokens() + batch.promptTokens())
                .sum();
    }

    @Test
    void cancelledGenerationsEndOnce() throws IOException {
        Heard heard = new Heard();
        try (Model model = Model.open(file(), options -> options.listener(heard));
                var session = model.newSession()) {
            Generation generation = session.generate(PROMPT, o -> o.maxTokens(3).ignoreEnd(true));
            generation.iterator().next();
            generation.close();
            generation.close();
            session.generate(PROMPT, o -> {}).close();
        }
        assertEquals(1, heard.generations.size(), "a generation that never began does not end");
        assertEquals(FinishReason.CANCELLED, heard.generations.getFirst().reason());
        assertEquals(1, heard.generations.getFirst().generatedTokens());
    }

    @Test
    void whatAListenerThrowsGoesNoFurther() throws IOException {
        ModelListener failing = new ModelListener() {
            @Override
            public void promptRead(PromptRead event) {
                throw new IllegalStateException("expected");
            }

            @Override
            public void batchComputed(BatchComputed event) {
                throw new IllegalStateException("expected");
            }
        };
        try (Model model = Model.open(file(), options -> options.listener(failing))) {
            assertEquals(2, generate(model, 2).generatedTokens());
        }
    }

    @Test
    void recordingsHaveTheSame() throws IOException {
        Path file = file();
        Path to = folder.resolve("skald.jfr");
        GenerationResult result;
        try (Recording recording = new Recording()) {
            recording.start();
            try (Model model = Model.open(file)) {
                result = generate(model, 3);
            }
            recording.stop();
            recording.dump(to);
        }
        // Nobody records any more.
        try (Model model = Model.open(file)) {
            assertEquals(result.generatedTokens(), generate(model, 3).generatedTokens());
        }
        Map<String, List<RecordedEvent>> events = RecordingFile.readAllEvents(to).stream()
                .filter(event -> event.getEventType().getName().startsWith("dev.skald."))
                .collect(Collectors.groupingBy(event -> event.getEventType().getName()));
        assertEquals(
                file.toString(), events.get("dev.skald.ModelOpen").getFirst().getString("file"));
        RecordedEvent generation = events.get("dev.skald.Generation").getFirst();
        assertEquals(3, generation.getInt("generatedTokens"));
        assertEquals("MAX_TOKENS", generation.getString("reason"));
        RecordedEvent prompt = events.get("dev.skald.Prompt").getFirst();
        assertEquals(PROMPT.length, prompt.getInt("promptTokens"));
        assertEquals(3, events.get("dev.skald.Batch").size());
        assertFalse(generation.getDuration().minus(prompt.getDuration()).isNegative());
    }
}
