package dev.skald.runtime.automaton;

/** The places where a text continues when its current rule ends: one or more nodes, each within a frame of its own. */
final class Frame {
    /** The frame of the root. A text that reaches its end is complete. */
    static final Frame BOTTOM = new Frame(0, 0, new Node[0], new Frame[0]);

    final int id;
    final int depth;
    final Node[] nodes;
    final Frame[] frames;

    Frame(int id, int depth, Node[] nodes, Frame[] frames) {
        this.id = id;
        this.depth = depth;
        this.nodes = nodes;
        this.frames = frames;
    }
}
