package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several threads share one model, as the requests of a web service do. The weights are loaded once. */
public final class ManyThreads {
    private ManyThreads() {}

    /**
     * Completes four prompts at the same time.
     *
     * @param args a GGUF file
     * @throws IOException if the file cannot be read
     * @throws ExecutionException if a completion fails
     * @throws InterruptedException if interrupted while waiting for one
     */
    public static void main(String[] args) throws IOException, ExecutionException, InterruptedException {
        List<String> prompts = List.of("The sun", "A little dog", "One day, Lily", "Tom and his mom");
        try (Model model = Model.open(Path.of(args[0]));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (String prompt : prompts) {
                answers.add(threads.submit(() -> prompt + complete(model, prompt)));
            }
            for (Future<String> answer : answers) {
                System.out.println(answer.get().strip());
            }
        }
    }

    /** Any number of threads may use a model, but only one a session, so each task opens its own. */
    private static String complete(Model model, String prompt) {
        try (Session session = model.newSession(options -> options.contextLength(128));
                Generation generation = session.generate(
                        prompt, options -> options.maxTokens(40).seed(1))) {
            return generation.text();
        }
    }
}
