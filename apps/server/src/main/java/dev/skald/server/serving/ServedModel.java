package dev.skald.server.serving;

import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Pooling;
import java.time.Instant;
import java.util.Optional;

/**
 * A model of the server.
 *
 * @param name the name that clients use
 * @param model the model; its owner closes it
 * @param contextLength the maximum number of tokens in a conversation
 * @param generates whether requests may generate text
 * @param pooling how the model embeds, if the server sets it
 * @param slots the slots that generate with the model
 * @param since the time at which the model was opened
 */
public record ServedModel(
        String name,
        Model model,
        int contextLength,
        boolean generates,
        Optional<Pooling> pooling,
        Slots slots,
        Instant since) {}
