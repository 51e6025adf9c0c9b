package dev.skald.runtime.session;

import dev.skald.runtime.arch.Network;
import dev.skald.runtime.generate.ScaledAdapter;
import dev.skald.runtime.layer.Adapters;
import dev.skald.runtime.state.Origin;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The adapters of a session.
 *
 * @param all the adapters, in the order in which they are added
 * @param scales the factor of each
 * @param origin equal for sequences that may share memory
 */
record SessionAdapters(List<OpenAdapter> all, List<Float> scales, Origin origin) {

    /**
     * Returns the adapters that the options name.
     *
     * @throws IllegalArgumentException if one was opened for another model, or comes twice
     */
    static SessionAdapters of(List<ScaledAdapter> wanted, Network network) {
        List<OpenAdapter> all = new ArrayList<>();
        List<Adapters.Use> uses = new ArrayList<>();
        for (ScaledAdapter scaled : wanted) {
            if (!(scaled.adapter() instanceof OpenAdapter adapter) || adapter.network() != network) {
                throw new IllegalArgumentException(
                        "the adapter " + scaled.adapter().file() + " was opened for another model");
            }
            if (all.contains(adapter)) {
                throw new IllegalArgumentException("the adapter " + adapter.file() + " is named twice");
            }
            all.add(adapter);
            uses.add(new Adapters.Use(adapter.deltas(), scaled.scale()));
        }
        return new SessionAdapters(
                List.copyOf(all),
                wanted.stream().map(ScaledAdapter::scale).toList(),
                uses.isEmpty() ? Origin.WEIGHTS : new Adapters(uses));
    }

    OpenAdapter.Use use() {
        return new OpenAdapter.Use(all);
    }

    /** Returns a fingerprint of the model with these adapters, from the model's fingerprint. */
    byte[] fingerprint(byte[] model) {
        if (all.isEmpty()) {
            return model;
        }
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        digest.update(model);
        for (int i = 0; i < all.size(); i++) {
            digest.update(all.get(i).fingerprint());
            digest.update(ByteBuffer.allocate(4).putFloat(0, scales.get(i)));
        }
        return digest.digest();
    }
}
