package dev.skald.runtime.state;

import dev.skald.kernels.attention.KvLayout;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.state.PagePool.Page;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Keeps the keys and values of texts that a model has read, for later texts with the same beginning. When the budget is
 * used up, the least recently used are evicted.
 *
 * <p>The texts form a tree. Each page of a text is a {@link Node}, with the pages that may follow it as children. A
 * page is found by comparing the whole text up to its end as {@code marks}. A mark stands for a token and for how its
 * row was computed. So the cached keys and values equal computed ones to the bit.
 *
 * <p>Recurrent layers have one memory for the whole text, which is only kept at some positions, the checkpoints. A text
 * can only be resumed at a checkpoint. So for networks with recurrent layers, the cache keeps and evicts checkpoints;
 * pages stay as long as a checkpoint needs them.
 *
 * <p>Thread-safe. The cache shares its pages with sequences, which copy a page before they write to it.
 */
public final class PrefixCache {
    private static final int POSITIONS = KvLayout.POSITIONS;

    /** The approximate size of a node on the Java heap. This matters for small models. */
    private static final long NODE_BYTES = 1 << 10;

    private final long budget;
    private final Map<Kind, Node> roots = new HashMap<>();

    /**
     * The entries that can be evicted, least recently used first: nodes or checkpoints. The nodes of a text are ordered
     * from its end to its beginning.
     */
    private final LinkedHashSet<Kept> byUse = new LinkedHashSet<>();

    private long bytes;
    private boolean closed;

    /** The properties that must be equal for sequences to share keys and values. */
    private record Kind(StateShape shape, KvFormat format, Origin origin) {
        static Kind of(SequenceState state) {
            return new Kind(
                    state.pool().shape(), state.pool().format(), state.pool().origin());
        }
    }

    private sealed interface Kept {}

    /**
     * The memory of the recurrent layers at a position of a text.
     *
     * @param node the node with the page of the position before
     */
    private record Checkpoint(Node node, int position, Page page, long bytes) implements Kept {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** A page of a text. Only a full page has children. */
    private static final class Node implements Kept {
        private final Node parent;
        private int[] marks;

        /** The page of each group of layers; null if the group has released it. */
        private final Page[] pages;

        private final long[] pageBytes;

        /** The checkpoints by position. */
        private final NavigableMap<Integer, Checkpoint> checkpoints = new TreeMap<>();

        /**
         * The children by their marks, in order. No child's marks begin with another's. The child most similar
         * to a text is adjacent to its position.
         */
        private final TreeMap<int[], Node> children = new TreeMap<>(Arrays::compare);

        Node(Node parent, int[] marks, List<KvPages> groups) {
            this.parent = parent;
            this.marks = marks;
            this.pages = new Page[groups.size()];
            this.pageBytes = groups.stream()
                    .mapToLong(group -> group.group().layout().pageBytes())
                    .toArray();
        }

        /** Returns the nodes of a text from its beginning to this node. */
        List<Node> path() {
            List<Node> path = new ArrayList<>();
            for (Node node = this; node.parent != null; node = node.parent) {
                path.addFirst(node);
            }
            return path;
        }

        /** Returns the child that has the longest common beginning with these marks. */
        Node closest(int[] wanted) {
            Map.Entry<int[], Node> before = children.floorEntry(wanted);
            Map.Entry<int[], Node> after = children.ceilingEntry(wanted);
            if (before == null || after == null) {
                return before != null ? before.getValue() : after == null ? null : after.getValue();
            }
            return common(before.getKey(), wanted) > common(after.getKey(), wanted)
                    ? before.getValue()
                    : after.getValue();
        }

        /** Adds the pages of a sequence that this node does not have; returns their size in bytes. */
        long add(List<KvPages> groups, int index) {
            long more = 0;
            for (int i = 0; i < pages.length; i++) {
                KvPages own = groups.get(i);
                if (pages[i] == null && index >= own.gone()) {
                    pages[i] = own.own().get(index - own.gone());
                    pages[i].share();
                    more += pageBytes[i];
                }
            }
            return more;
        }

        /** Releases the pages of this node; returns their size in bytes. */
        long clear(List<Page> freed) {
            long less = 0;
            for (int i = 0; i < pages.length; i++) {
                if (pages[i] != null) {
                    freed.add(pages[i]);
                    pages[i] = null;
                    less += pageBytes[i];
                }
            }
            return less;
        }
    }

    /**
     * Creates an empty cache.
     *
     * @param budget the maximum size in bytes
     */
    public PrefixCache(long budget) {
        this.budget = budget;
    }

    /** Returns the maximum size in bytes. */
    public long budget() {
        return budget;
    }

    /** Returns the current size in bytes. Open sequences may share some of the pages. */
    public synchronized long bytes() {
        return bytes;
    }

    /**
     * Adds the beginning of a sequence. If there are recurrent layers, adds it up to its last checkpoint.
     *
     * @param marks the marks of its positions
     * @param length the number of positions; they must not be written to during the call
     */
    public void put(SequenceState state, int[] marks, int length) {
        List<Page> freed = new ArrayList<>();
        synchronized (this) {
            if (closed || length == 0) {
                return;
            }
            RecurrentState recurrent = state.recurrent();
            if (recurrent.isEmpty()) {
                use(path(state, marks, length, freed));
            } else if (recurrent.bytes() <= budget) {
                NavigableMap<Integer, Page> checkpoints = recurrent.checkpoints(length);
                if (!checkpoints.isEmpty()) {
                    add(path(state, marks, checkpoints.lastKey(), freed), checkpoints, recurrent.bytes());
                }
            }
            while (bytes > budget) {
                evict(freed);
            }
        }
        freed.forEach(Page::release);
    }

    /** Returns the nodes of a text, and creates missing ones. */
    private List<Node> path(SequenceState state, int[] marks, int length, List<Page> freed) {
        List<KvPages> groups = state.groups();
        Node node = roots.computeIfAbsent(Kind.of(state), kind -> new Node(null, new int[0], groups));
        List<Node> path = new ArrayList<>();
        for (int i = 0; i * POSITIONS < length; i++) {
            node = child(node, page(marks, i, length), groups, i, freed);
            path.add(node);
        }
        return path;
    }

    /** Adds the checkpoints that are missing. */
    private void add(List<Node> path, NavigableMap<Integer, Page> checkpoints, long each) {
        checkpoints.forEach((position, page) -> {
            Node node = path.get(pageOf(position));
            if (!node.checkpoints.containsKey(position)) {
                page.share();
                Checkpoint checkpoint = new Checkpoint(node, position, page, each);
                node.checkpoints.put(position, checkpoint);
                byUse.addLast(checkpoint);
                bytes += each;
            }
        });
    }

    /** Returns the index of the last page of a text of this length. */
    private static int pageOf(int length) {
        return (length - 1) / POSITIONS;
    }

    /** Returns the child for a page, or a child that begins like it; creates one if there is none. */
    private Node child(Node parent, int[] marks, List<KvPages> groups, int index, List<Page> freed) {
        Node child = parent.closest(marks);
        int common = child == null ? 0 : common(child.marks, marks);
        if (child == null || common < Math.min(child.marks.length, marks.length)) {
            child = new Node(parent, marks, groups);
            parent.children.put(marks, child);
            bytes += NODE_BYTES;
        } else if (common < marks.length) {
            // The new text continues where that child's text ended.
            parent.children.remove(child.marks);
            bytes -= child.clear(freed);
            child.marks = marks;
            parent.children.put(marks, child);
        }
        if (child.marks.length == marks.length) {
            bytes += child.add(groups, index);
        }
        return child;
    }

    /**
     * Extends a sequence by cached positions, if the cache has more of its text than the sequence.
     *
     * @param marks the marks of its positions, and of those that may be added
     * @param unit the length afterwards is a multiple of this
     */
    public void take(SequenceState state, int[] marks, int unit) {
        synchronized (this) {
            Node node = roots.get(Kind.of(state));
            List<Node> path = new ArrayList<>();
            int matched = 0;
            while (node != null && matched == path.size() * POSITIONS && matched < marks.length) {
                int[] wanted = page(marks, path.size(), marks.length);
                node = node.closest(wanted);
                if (node != null) {
                    path.add(node);
                    matched += common(node.marks, wanted);
                }
            }
            if (state.recurrent().isEmpty()) {
                int length = usable(path, matched, unit, state.groups());
                if (length > state.length()) {
                    List<Node> used = path.subList(0, Math.ceilDiv(length, POSITIONS));
                    state.become(length, pages(used, length, state.groups()), null);
                    use(used);
                }
            } else {
                Checkpoint last = checkpoint(path, marks, matched, unit, state.groups());
                if (last != null && last.position > state.length()) {
                    state.become(last.position, pages(last.node.path(), last.position, state.groups()), last.page);
                    byUse.addLast(last);
                }
            }
        }
    }

    /**
     * Returns the length up to which the cache can be used: it has all positions that the next position sees. Layers
     * with a window may have released a part.
     */
    private static int usable(List<Node> path, int matched, int unit, List<KvPages> groups) {
        int length = matched / unit * unit;
        for (int missing = missing(path, length, groups); missing >= 0; missing = missing(path, length, groups)) {
            length = missing * POSITIONS / unit * unit;
        }
        return length;
    }

    /**
     * Returns the last usable checkpoint of a text, among the nodes of its path and their siblings; null if there is
     * none. The checkpoint must lie within the beginning that its node shares with the text, and its position must be a
     * multiple of the unit. The cache must have all positions that the next position sees.
     */
    private static Checkpoint checkpoint(List<Node> path, int[] marks, int matched, int unit, List<KvPages> groups) {
        for (int i = Math.ceilDiv(matched, POSITIONS) - 1; i >= 0; i--) {
            int[] wanted = page(marks, i, marks.length);
            Checkpoint last = null;
            for (Node node : path.get(i).parent.children.values()) {
                int common = i * POSITIONS + common(node.marks, wanted);
                for (Checkpoint one :
                        node.checkpoints.headMap(common, true).descendingMap().values()) {
                    if (one.position % unit == 0
                            && (last == null || one.position > last.position)
                            && missing(node.path(), one.position, groups) < 0) {
                        last = one;
                        break;
                    }
                }
            }
            if (last != null) {
                return last;
            }
        }
        return null;
    }

    /** Returns the last page that is visible from a position but missing; -1 if none is missing. */
    private static int missing(List<Node> path, int position, List<KvPages> groups) {
        for (int page = Math.ceilDiv(position, POSITIONS) - 1; page >= 0; page--) {
            for (int i = 0; i < groups.size(); i++) {
                if (path.get(page).pages[i] == null && page >= groups.get(i).unseen(position, 0)) {
                    return page;
                }
            }
        }
        return -1;
    }

    /**
     * Returns, for each group, the last pages up to a length: those that its window sees from there, and earlier ones
     * if they exist.
     */
    private static List<List<Page>> pages(List<Node> path, int length, List<KvPages> groups) {
        List<List<Page>> all = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            int first = path.size();
            int least = groups.get(i).unseen(length, SequenceState.SPARE);
            while (first > least && path.get(first - 1).pages[i] != null) {
                first--;
            }
            int group = i;
            all.add(path.subList(first, path.size()).stream()
                    .map(node -> node.pages[group])
                    .toList());
        }
        return all;
    }

    private static int[] page(int[] marks, int index, int length) {
        return Arrays.copyOfRange(marks, index * POSITIONS, Math.min(length, (index + 1) * POSITIONS));
    }

    private static int common(int[] one, int[] other) {
        int mismatch = Arrays.mismatch(one, other);
        return mismatch < 0 ? one.length : mismatch;
    }

    private void use(List<Node> path) {
        path.reversed().forEach(byUse::addLast);
    }

    /** Evicts the least recently used entry: a checkpoint, or a page that no other page follows. */
    private void evict(List<Page> freed) {
        switch (byUse.removeFirst()) {
            case Node node -> remove(node, freed);
            case Checkpoint checkpoint -> {
                Node node = checkpoint.node;
                node.checkpoints.remove(checkpoint.position);
                freed.add(checkpoint.page);
                bytes -= checkpoint.bytes;
                while (node.parent != null && node.children.isEmpty() && node.checkpoints.isEmpty()) {
                    remove(node, freed);
                    node = node.parent;
                }
            }
        }
    }

    private void remove(Node node, List<Page> freed) {
        bytes -= node.clear(freed) + NODE_BYTES;
        node.parent.children.remove(node.marks);
        if (node.parent.parent == null && node.parent.children.isEmpty()) {
            roots.values().remove(node.parent);
        }
    }

    /**
     * Evicts the least recently used entry. Called when others need memory.
     *
     * @return false if the cache is empty
     */
    public boolean giveUp() {
        List<Page> freed = new ArrayList<>();
        synchronized (this) {
            if (byUse.isEmpty()) {
                return false;
            }
            evict(freed);
        }
        freed.forEach(Page::release);
        return true;
    }

    /** Releases everything. The cache stays empty from now on. */
    public void close() {
        synchronized (this) {
            closed = true;
        }
        while (giveUp()) {}
    }
}
