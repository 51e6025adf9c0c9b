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
 * Keys and values of texts that a model has read, for texts with the same beginning. They stay while there is room; the least
 * recently used go first.
 *
 * <p>Texts form a tree: a {@link Node} for each page, with the pages that may follow it. A page is found by comparing whole
 * texts as {@code marks}: a mark stands for a token and for how its row was computed. So what is found has exactly the bits
 * that computing would give.
 *
 * <p>Recurrent layers remember a text as a whole, at some positions of it, the checkpoints: a text can be begun at these only. So of
 * a network with such layers the checkpoints are what is kept and given up; pages stay while a checkpoint needs them.
 *
 * <p>For any thread. Its pages are shared with sequences, which copy a page before they write to it.
 */
public final class PrefixCache {
    private static final int POSITIONS = KvLayout.POSITIONS;

    /** About what a node takes of the Java heap; this matters for small models. */
    private static final long NODE_BYTES = 1 << 10;

    private final long budget;
    private final Map<Kind, Node> roots = new HashMap<>();

    /**
     * What is given up by itself, the one asked for last at the end: nodes, of which those before another in a text are asked for
     * after it; or checkpoints.
     */
    private final LinkedHashSet<Kept> byUse = new LinkedHashSet<>();

    private long bytes;
    private boolean closed;

    /** The properties that must be equal for sequences to use each other's keys and values. */
    private record Kind(StateShape shape, KvFormat format, Origin origin) {
        static Kind of(SequenceState state) {
            return new Kind(
                    state.pool().shape(), state.pool().format(), state.pool().origin());
        }
    }

    private sealed interface Kept {}

    /**
     * What recurrent layers remember at a position of a text.
     *
     * @param node with the page of the position before
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

    /** A page of a text; only a full one has others after it. */
    private static final class Node implements Kept {
        private final Node parent;
        private int[] marks;

        /** The page of each group of layers; null if a group has forgotten it. */
        private final Page[] pages;

        private final long[] pageBytes;

        /** By their positions. */
        private final NavigableMap<Integer, Checkpoint> checkpoints = new TreeMap<>();

        /** By their marks, in order, none being the beginning of another: what is most like a text is next to it. */
        private final TreeMap<int[], Node> children = new TreeMap<>(Arrays::compare);

        Node(Node parent, int[] marks, List<KvPages> groups) {
            this.parent = parent;
            this.marks = marks;
            this.pages = new Page[groups.size()];
            this.pageBytes = groups.stream()
                    .mapToLong(group -> group.group().layout().pageBytes())
                    .toArray();
        }

        /** The nodes of a text from its beginning to this. */
        List<Node> path() {
            List<Node> path = new ArrayList<>();
            for (Node node = this; node.parent != null; node = node.parent) {
                path.addFirst(node);
            }
            return path;
        }

        /** The child that has most marks at its beginning in common with some. */
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

        /** Takes pages of a sequence that it does not have; returns their bytes. */
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

        /** Releases its pages; returns their bytes. */
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
     * @param budget the greatest number of bytes to keep
     */
    public PrefixCache(long budget) {
        this.budget = budget;
    }

    /** Returns the greatest number of bytes that are kept. */
    public long budget() {
        return budget;
    }

    /** Returns how many bytes are kept now; open sequences may share some of them. */
    public synchronized long bytes() {
        return bytes;
    }

    /**
     * Keeps the beginning of a sequence; if there are recurrent layers, up to its last checkpoint there.
     *
     * @param marks of its positions
     * @param length how many positions; nobody may write to them meanwhile
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

    /** The nodes of a text, made where there are none. */
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

    /** Adds checkpoints that are not there. */
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

    /** Which page has the last of so many positions. */
    private static int pageOf(int length) {
        return (length - 1) / POSITIONS;
    }

    /** The node of a page, or of one that begins like it; made where there is none. */
    private Node child(Node parent, int[] marks, List<KvPages> groups, int index, List<Page> freed) {
        Node child = parent.closest(marks);
        int common = child == null ? 0 : common(child.marks, marks);
        if (child == null || common < Math.min(child.marks.length, marks.length)) {
            child = new Node(parent, marks, groups);
            parent.children.put(marks, child);
            bytes += NODE_BYTES;
        } else if (common < marks.length) {
            // The text continues where that one ended.
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
     * Makes a sequence begin with what is kept, if that is longer than the sequence; otherwise leaves it unchanged.
     *
     * @param marks of the positions that it has, and of those that it may get
     * @param unit its length then is a multiple of this
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

    /** Returns the length up to which everything is there that the next position sees; windows may have forgotten a part. */
    private static int usable(List<Node> path, int matched, int unit, List<KvPages> groups) {
        int length = matched / unit * unit;
        for (int missing = missing(path, length, groups); missing >= 0; missing = missing(path, length, groups)) {
            length = missing * POSITIONS / unit * unit;
        }
        return length;
    }

    /**
     * The last checkpoint in what some nodes, or those beside them, have in common with a text, at a multiple of a unit and where all
     * is there that the next position sees; null if there is none.
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

    /** The last page that is seen from a position and is not there; -1 if all are. */
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
     * Returns, for each group, the last pages up to a length: those that windows see from there, and earlier ones if they
     * exist.
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

    /** Gives up what was not asked for longest: a page, which has none after it, or a checkpoint. */
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
     * Gives up what was not asked for longest, as when there is no memory for others.
     *
     * @return false if there is none
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

    /** Releases everything, and keeps nothing from now on. */
    public void close() {
        synchronized (this) {
            closed = true;
        }
        while (giveUp()) {}
    }
}
