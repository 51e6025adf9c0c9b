package dev.skald.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The content of a repository at one commit, from {@code /api/models/org/repo/revision/main?blobs=true}.
 *
 * @param commit the commit, 40 hex digits
 * @param entries the files, without those whose names cannot be stored
 * @param unsafe the number of files left out
 */
record Listing(String commit, List<Entry> entries, int unsafe) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Listing read(byte[] json, String where) throws HubException {
        JsonNode root;
        try {
            root = MAPPER.readTree(json);
        } catch (JsonProcessingException malformed) {
            throw bad(where, "is not JSON: " + malformed.getOriginalMessage());
        } catch (IOException impossible) {
            throw bad(where, "is not JSON: " + impossible.getMessage());
        }
        String commit = root.path("sha").asText();
        if (!Entry.SHA1.matcher(commit).matches()) {
            throw bad(where, "has no commit in \"sha\"");
        }
        if (!root.path("siblings").isArray()) {
            throw bad(where, "has no list of files in \"siblings\"");
        }
        List<Entry> entries = new ArrayList<>();
        int unsafe = 0;
        for (JsonNode file : root.path("siblings")) {
            Entry entry = entry(file);
            if (entry.isSafe()) {
                entries.add(entry);
            } else {
                unsafe++;
            }
        }
        return new Listing(commit, entries, unsafe);
    }

    private static Entry entry(JsonNode file) {
        JsonNode large = file.path("lfs");
        String sha256 = large.path("sha256").asText(large.path("oid").asText()).toLowerCase(Locale.ROOT);
        String hash = Entry.SHA256.matcher(sha256).matches()
                ? sha256
                : file.path("blobId").asText();
        long size = large.path("size").asLong(file.path("size").asLong(-1));
        // Without a hash to check, the answer to a HEAD request provides more.
        boolean known =
                size >= 0 && (hash.equals(sha256) || Entry.SHA1.matcher(hash).matches() && !large.isObject());
        return new Entry(file.path("rfilename").asText(), known ? size : -1, known ? hash : "");
    }

    private static HubException bad(String where, String what) {
        return new HubException(
                HubException.Kind.DAMAGED,
                "the answer of " + where + " " + what + ": is it a server of Hugging Face's kind?");
    }
}
