package dev.skald.server.serving;

import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Pooling;
import java.time.Instant;
import java.util.Optional;

/**
 * A model that the server answers with.
 *
 * @param name what clients call it
 * @param model stays its owner's to close
 * @param contextLength tokens that a conversation may have
 * @param generates whether requests may have it generate text
 * @param pooling how it embeds, if the server says so
 * @param slots those who generate with it
 * @param since when it was opened
 */
public record ServedModel(
        String name,
        Model model,
        int contextLength,
        boolean generates,
        Optional<Pooling> pooling,
        Slots slots,
        Instant since) {}
