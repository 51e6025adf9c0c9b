package dev.skald.hub;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder in which Hugging Face's tools keep files:
 *
 * <pre>
 * models--org--repo/refs/main                      the commit that main stands for
 * models--org--repo/blobs/HASH                     the content of a file
 * models--org--repo/snapshots/COMMIT/file.gguf     a link to ../../blobs/HASH
 * .locks/models--org--repo/HASH.lock
 * </pre>
 *
 * <p>Beside them are our own {@code blobs/HASH.part} and {@code blobs/HASH.part.pieces} while a file is downloaded.
 * Their names differ from those of other tools, which would take a file with holes for one that only lacks its end.
 */
final class HubCache {
    private static final String PREFIX = "models--";
    private static final Pattern REF = Pattern.compile("\\w[\\w.-]*(/\\w[\\w.-]*)*");
    private static final int SHORTEST_COMMIT = 7;

    private final Path root;
    private final boolean links;

    HubCache(Path root, boolean links) {
        this.root = root;
        this.links = links;
    }

    Path root() {
        return root;
    }

    /** Returns the folder of a repository, which may not exist. */
    Path repository(String repository) {
        return root.resolve(PREFIX + repository.replace("/", "--"));
    }

    /** Returns the repositories in the cache. */
    List<String> repositories() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path folder : children(root)) {
            String name = folder.getFileName().toString();
            String repository =
                    name.startsWith(PREFIX) ? name.substring(PREFIX.length()).replaceFirst("--", "/") : "";
            if (HubName.isRepository(repository)) {
                found.add(repository);
            }
        }
        return found;
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        }
    }

    Path blob(String repository, String hash) {
        return repository(repository).resolve("blobs").resolve(hash);
    }

    Path lock(String repository, String hash) {
        return root.resolve(".locks")
                .resolve(repository(repository).getFileName())
                .resolve(hash + ".lock");
    }

    Path snapshot(String repository, String commit) {
        return repository(repository).resolve("snapshots").resolve(commit);
    }

    List<String> commits(String repository) throws IOException {
        return children(repository(repository).resolve("snapshots")).stream()
                .map(folder -> folder.getFileName().toString())
                .filter(name -> Entry.SHA1.matcher(name).matches())
                .toList();
    }

    /** Returns the commits of the references, each with the name of its reference. */
    Map<String, String> references(String repository) throws IOException {
        Map<String, String> names = new TreeMap<>();
        Path refs = repository(repository).resolve("refs");
        if (Files.isDirectory(refs)) {
            try (Stream<Path> all = Files.walk(refs)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    String name = refs.relativize(file).toString().replace('\\', '/');
                    names.merge(Files.readString(file).strip(), name, (a, b) -> a.equals(HubName.MAIN) ? a : b);
                }
            }
        }
        return names;
    }

    /** Returns the commit of a revision, if the cache knows it. */
    Optional<String> commit(String repository, String revision) throws IOException {
        if (REF.matcher(revision).matches()) {
            Path ref = repository(repository).resolve("refs").resolve(revision);
            if (Files.isRegularFile(ref)) {
                String commit = Files.readString(ref).strip();
                return Optional.of(commit).filter(c -> Entry.SHA1.matcher(c).matches());
            }
        }
        return revision.length() < SHORTEST_COMMIT
                ? Optional.empty()
                : commits(repository).stream()
                        .filter(c -> c.startsWith(revision))
                        .findFirst();
    }

    void reference(String repository, String revision, String commit) throws IOException {
        if (!REF.matcher(revision).matches() || Entry.SHA1.matcher(revision).matches()) {
            return;
        }
        Path ref = repository(repository).resolve("refs").resolve(revision);
        Files.createDirectories(ref.getParent());
        Path temporary = Files.createTempFile(ref.getParent(), ".", ".part");
        try {
            Files.writeString(temporary, commit);
            Files.move(temporary, ref, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Returns the files of a snapshot whose content exists, following links. */
    List<Entry> files(String repository, String commit) throws IOException {
        Path snapshot = snapshot(repository, commit);
        List<Entry> entries = new ArrayList<>();
        if (Files.isDirectory(snapshot)) {
            try (Stream<Path> all = Files.walk(snapshot)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    String path = snapshot.relativize(file).toString().replace('\\', '/');
                    entries.add(new Entry(path, Files.size(file), ""));
                }
            }
        }
        return entries;
    }

    /** Adds a blob to a snapshot, under the name of its file. */
    void link(String repository, String commit, Entry entry) throws IOException {
        Path blob = blob(repository, entry.hash());
        Path name = snapshot(repository, commit).resolve(entry.path());
        if (Files.exists(name) && Files.isSameFile(name, blob)) {
            return;
        }
        Files.createDirectories(name.getParent());
        Path temporary = name.resolveSibling(name.getFileName() + "."
                + Long.toHexString(ProcessHandle.current().pid()) + ".part");
        Files.deleteIfExists(temporary);
        try {
            makeLink(temporary, name.getParent().relativize(blob), blob);
            Files.move(temporary, name, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /**
     * Creates a symbolic link; on systems or disks without them a hard link, which takes no space either; or else a
     * copy.
     */
    private void makeLink(Path link, Path relative, Path blob) throws IOException {
        if (links) {
            try {
                Files.createSymbolicLink(link, relative);
                return;
            } catch (UnsupportedOperationException | FileSystemException refused) {
                try {
                    Files.createLink(link, blob);
                    return;
                } catch (UnsupportedOperationException | FileSystemException alsoRefused) {
                    System.getLogger(Hub.class.getName())
                            .log(System.Logger.Level.DEBUG, "no links in " + root + ": files are copied", alsoRefused);
                }
            }
        }
        Files.copy(blob, link);
    }

    /**
     * Removes a file from a snapshot, and deletes its content unless another snapshot uses it. Returns the bytes freed.
     */
    long remove(String repository, Path file) throws IOException {
        Path blob = contentOf(repository, file);
        long bytes = Files.exists(blob) ? Files.size(blob) : 0;
        Files.deleteIfExists(file);
        deleteEmptyFolders(file.getParent(), repository(repository).resolve("snapshots"));
        if (!blob.equals(file)) {
            if (isUsed(repository, blob)) {
                return 0;
            }
            Files.deleteIfExists(blob);
        }
        return bytes;
    }

    /** Returns the blob of a snapshot's file, or the file itself if it is a copy without a blob. */
    private Path contentOf(String repository, Path file) throws IOException {
        Path blobs = repository(repository).resolve("blobs");
        if (Files.isSymbolicLink(file)) {
            Path target = file.resolveSibling(Files.readSymbolicLink(file)).normalize();
            return target.startsWith(blobs.normalize()) ? target : file;
        }
        for (Path blob : children(blobs)) {
            if (Files.exists(file) && isSameContent(blob, file)) {
                return blob;
            }
        }
        return file;
    }

    /** Returns whether a file is a hard link to a blob or a copy of it. */
    private static boolean isSameContent(Path blob, Path file) throws IOException {
        return Files.isSameFile(blob, file)
                || Entry.SHA256.matcher(blob.getFileName().toString()).matches()
                        && Files.size(blob) == Files.size(file)
                        && Files.mismatch(blob, file) < 0;
    }

    private boolean isUsed(String repository, Path blob) throws IOException {
        Path snapshots = repository(repository).resolve("snapshots");
        if (!Files.isDirectory(snapshots) || !Files.exists(blob)) {
            return false;
        }
        try (Stream<Path> all = Files.walk(snapshots)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (Files.isSymbolicLink(file) ? Files.isSameFile(file, blob) : isSameContent(blob, file)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Deletes empty folders, from this one upwards to another, which is kept. */
    private static void deleteEmptyFolders(Path from, Path upTo) throws IOException {
        for (Path folder = from; folder.startsWith(upTo) && !folder.equals(upTo); folder = folder.getParent()) {
            if (!children(folder).isEmpty()) {
                return;
            }
            Files.deleteIfExists(folder);
        }
    }

    /** Cleans up after files were removed: deletes references without files, and the repository if it is empty. */
    void tidy(String repository) throws IOException {
        Path folder = repository(repository);
        List<String> commits = commits(repository);
        for (Map.Entry<String, String> reference : references(repository).entrySet()) {
            if (!commits.contains(reference.getKey())) {
                Path ref = folder.resolve("refs").resolve(reference.getValue());
                Files.deleteIfExists(ref);
                deleteEmptyFolders(ref.getParent(), folder.resolve("refs"));
            }
        }
        if (!commits.isEmpty() || !children(folder.resolve("blobs")).isEmpty()) {
            return;
        }
        // Keep the lock files. Deleting them would let a waiting process lock a file that no other process can see.
        deleteAll(folder);
    }

    private static void deleteAll(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.toList().reversed();
        }
        for (Path one : all) {
            Files.deleteIfExists(one);
        }
    }

    /** Returns the incomplete downloads, each with its record. */
    List<Pieces> partial(String repository) throws IOException {
        List<Pieces> found = new ArrayList<>();
        for (Path file : children(repository(repository).resolve("blobs"))) {
            if (file.toString().endsWith(Pieces.ENDING)) {
                Pieces.find(file).ifPresent(found::add);
            }
        }
        return found;
    }

    /** Returns the free space on the disk of the cache. */
    long free() throws IOException {
        Path there = root.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
            if (there == null) {
                throw new NoSuchFileException(root.toString());
            }
        }
        return Files.getFileStore(there).getUsableSpace();
    }
}
