// The loops between the matrix products of a training step (step.py), each one pass over its data. bf is bfloat16; counts
// are of rows, and rows lie one after the other.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint16_t bf;
static inline float f(bf x) { union { uint32_t i; float f; } u = {(uint32_t) x << 16}; return u.f; }
static inline bf b(float x) {
    union { float f; uint32_t i; } u = {x};
    return (bf) ((u.i + 0x7fff + ((u.i >> 16) & 1)) >> 16);
}

#define D 256 // model.SHAPE: dim; below heads, key-value heads, heads a group, head size, width of q, k, v

// x += add (unless null); y = x / rms(x), r = 1 / rms(x)
void add_norm(long n, float *x, const bf *add, bf *y, float *r, float eps) {
    for (long t = 0; t < n; t++) {
        float *v = x + t * D, sum = 0;
        if (add) { const bf *a = add + t * D; for (int i = 0; i < D; i++) v[i] += f(a[i]); }
        for (int i = 0; i < D; i++) sum += v[i] * v[i];
        float s = 1 / sqrtf(sum / D + eps);
        r[t] = s;
        bf *o = y + t * D;
        for (int i = 0; i < D; i++) o[i] = b(v[i] * s);
    }
}

// dx += r (dy - y mean(dy y)); low = dx
void norm_back(long n, const bf *dy, const bf *y, const float *r, float *dx, bf *low) {
    for (long t = 0; t < n; t++) {
        const bf *g = dy + t * D, *v = y + t * D;
        float *o = dx + t * D, sum = 0, s = r[t];
        bf *l = low + t * D;
        for (int i = 0; i < D; i++) sum += f(g[i]) * f(v[i]);
        sum /= D;
        for (int i = 0; i < D; i++) {
            o[i] += s * (f(g[i]) - f(v[i]) * sum);
            l[i] = b(o[i]);
        }
    }
}

// y = silu(gate) up, h = (gate, up) of m values each
void gated(long n, int m, const bf *h, bf *y) {
    for (long t = 0; t < n; t++) {
        const bf *g = h + t * 2 * m, *u = g + m;
        bf *o = y + t * m;
        for (int i = 0; i < m; i++) { float x = f(g[i]); o[i] = b(x / (1 + expf(-x)) * f(u[i])); }
    }
}

void gated_back(long n, int m, const bf *h, const bf *dy, bf *dh) {
    for (long t = 0; t < n; t++) {
        const bf *g = h + t * 2 * m, *u = g + m, *d = dy + t * m;
        bf *dg = dh + t * 2 * m, *du = dg + m;
        for (int i = 0; i < m; i++) {
            float x = f(g[i]), s = 1 / (1 + expf(-x)), y = f(d[i]);
            du[i] = b(y * x * s);
            dg[i] = b(y * f(u[i]) * s * (1 + x * (1 - s)));
        }
    }
}

// logits become their gradient of mean cross entropy; returns the summed loss
double entropy(long n, int m, bf *logits, const int64_t *wanted, float scale) {
    double loss = 0;
    float *e = aligned_alloc(64, m * sizeof(float));
    for (long t = 0; t < n; t++) {
        bf *l = logits + t * m;
        float max = -1e30f, sum = 0;
        for (int i = 0; i < m; i++) { e[i] = f(l[i]); }
        float want = e[wanted[t]];
        for (int i = 0; i < m; i++) max = e[i] > max ? e[i] : max;
        for (int i = 0; i < m; i++) { e[i] = expf(e[i] - max); sum += e[i]; }
        loss += logf(sum) + max - want;
        float s = scale / sum;
        e[wanted[t]] -= sum;
        for (int i = 0; i < m; i++) l[i] = b(e[i] * s);
    }
    free(e);
    return loss;
}

#define H 8
#define K 2
#define G (H / K)
#define S 32
#define W ((H + 2 * K) * S)

static void turn(const bf *in, const float *cos, const float *sin, float scale, float *out) {
    for (int i = 0; i < S; i += 2) {
        float x = f(in[i]), y = f(in[i + 1]);
        out[i] = (x * cos[i] - y * sin[i]) * scale;
        out[i + 1] = (y * cos[i + 1] + x * sin[i + 1]) * scale;
    }
}
static void turn_back(const float *in, const float *cos, const float *sin, float scale, bf *out) {
    for (int i = 0; i < S; i += 2) {
        float x = in[i] * scale, y = in[i + 1] * scale;
        out[i] = b(x * cos[i] + y * sin[i]);
        out[i + 1] = b(y * cos[i + 1] - x * sin[i + 1]);
    }
}

typedef struct { float *q, *k, *v, *kt, *vt, *p, *dp, *dq, *dk, *dv, *go; int cap; } Room;
static Room room;
static void need(int len) {
    if (len <= room.cap) return;
    int c = (len + 63) / 64 * 64;
    float **all[] = {&room.q, &room.k, &room.v, &room.kt, &room.vt, &room.p, &room.dp, &room.dq, &room.dk, &room.dv, &room.go};
    for (int i = 0; i < 11; i++) { free(*all[i]); *all[i] = aligned_alloc(64, (size_t) c * S * 4 + 256); }
    room.cap = c;
}

// rows of kt and vt are cap apart; p[0..n) for query i of the rotated q
static inline void scores(const float *restrict q, const float *restrict kt, int cap, int n, float *restrict p) {
    memset(p, 0, (size_t) n * 4);
    for (int d = 0; d < S; d += 4) {
        const float *a = kt + (size_t) d * cap, *a1 = a + cap, *a2 = a1 + cap, *a3 = a2 + cap;
        float x = q[d], x1 = q[d + 1], x2 = q[d + 2], x3 = q[d + 3];
        for (int j = 0; j < n; j++) p[j] += x * a[j] + x1 * a1[j] + x2 * a2[j] + x3 * a3[j];
    }
}
static inline void soften(float *restrict p, int n) {
    float max = -1e30f, sum = 0;
    for (int j = 0; j < n; j++) max = p[j] > max ? p[j] : max;
    for (int j = 0; j < n; j++) { p[j] = expf(p[j] - max); sum += p[j]; }
    sum = 1 / sum;
    for (int j = 0; j < n; j++) p[j] *= sum;
}

static void load(const bf *qkv, int g, int len, const float *cos, const float *sin) {
    int cap = room.cap;
    for (int i = 0; i < len; i++) {
        const bf *row = qkv + (size_t) i * W;
        float *k = room.k + i * S, *v = room.v + i * S;
        turn(row + (H + g) * S, cos + i * S, sin + i * S, 1, k);
        const bf *vin = row + (H + K + g) * S;
        for (int d = 0; d < S; d++) v[d] = f(vin[d]);
        for (int d = 0; d < S; d++) { room.kt[(size_t) d * cap + i] = k[d]; room.vt[(size_t) d * cap + i] = v[d]; }
    }
}

void attend(int rows, int width, const int32_t *lens, const uint8_t *only, const bf *qkv, const float *cos, const float *sin, bf *out) {
    need(width);
    float scale = 1 / sqrtf(S);
    for (int r = 0; r < rows; r++) {
        const bf *in = qkv + (size_t) r * width * W;
        bf *o = out + (size_t) r * width * H * S;
        int len = lens[r];
        for (int g = 0; g < K; g++) {
            load(in, g, len, cos, sin);
            for (int h = g * G; h < (g + 1) * G; h++)
                for (int i = 0; i < len; i++) {
                    if (only && !only[r * width + i]) continue;
                    float q[S], sum[S] = {0};
                    turn(in + (size_t) i * W + h * S, cos + i * S, sin + i * S, scale, q);
                    scores(q, room.kt, room.cap, i + 1, room.p);
                    soften(room.p, i + 1);
                    for (int j = 0; j <= i; j++) { float p = room.p[j]; const float *v = room.v + j * S; for (int d = 0; d < S; d++) sum[d] += p * v[d]; }
                    bf *to = o + (size_t) i * H * S + h * S;
                    for (int d = 0; d < S; d++) to[d] = b(sum[d]);
                }
        }
        memset(o + (size_t) len * H * S, 0, (size_t) (width - len) * H * S * 2);
    }
}

void attend_back(int rows, int width, const int32_t *lens, const uint8_t *only, const bf *qkv, const float *cos, const float *sin, const bf *dout, bf *dqkv) {
    need(width);
    float scale = 1 / sqrtf(S);
    for (int r = 0; r < rows; r++) {
        const bf *in = qkv + (size_t) r * width * W;
        bf *din = dqkv + (size_t) r * width * W;
        const bf *go = dout + (size_t) r * width * H * S;
        int len = lens[r];
        for (int g = 0; g < K; g++) {
            load(in, g, len, cos, sin);
            memset(room.dk, 0, (size_t) len * S * 4);
            memset(room.dv, 0, (size_t) len * S * 4);
            for (int h = g * G; h < (g + 1) * G; h++)
                for (int i = 0; i < len; i++) {
                    if (only && !only[r * width + i]) { memset(din + (size_t) i * W + h * S, 0, S * 2); continue; }
                    float q[S], o[S], dq[S] = {0}, *p = room.p, *dp = room.dp, dot = 0;
                    turn(in + (size_t) i * W + h * S, cos + i * S, sin + i * S, scale, q);
                    scores(q, room.kt, room.cap, i + 1, p);
                    soften(p, i + 1);
                    const bf *gi = go + (size_t) i * H * S + h * S;
                    for (int d = 0; d < S; d++) o[d] = f(gi[d]);
                    scores(o, room.vt, room.cap, i + 1, dp);
                    for (int j = 0; j <= i; j++) dot += p[j] * dp[j];
                    for (int j = 0; j <= i; j++) dp[j] = p[j] * (dp[j] - dot);
                    for (int j = 0; j <= i; j++) {
                        float s = dp[j], w = p[j];
                        const float *restrict k = room.k + j * S;
                        float *restrict dk = room.dk + j * S, *restrict dv = room.dv + j * S;
                        for (int d = 0; d < S; d++) { dq[d] += s * k[d]; dk[d] += s * q[d]; dv[d] += w * o[d]; }
                    }
                    turn_back(dq, cos + i * S, sin + i * S, scale, din + (size_t) i * W + h * S);
                }
            for (int i = 0; i < len; i++) {
                bf *row = din + (size_t) i * W;
                turn_back(room.dk + i * S, cos + i * S, sin + i * S, 1, row + (H + g) * S);
                for (int d = 0; d < S; d++) row[(H + K + g) * S + d] = b(room.dv[i * S + d]);
            }
        }
        memset(din + (size_t) len * W, 0, (size_t) (width - len) * W * 2);
    }
}

void embed(long n, const int64_t *ids, const float *table, float *x) {
    for (long t = 0; t < n; t++) memcpy(x + t * D, table + ids[t] * D, D * 4);
}
void embed_back(long n, const int64_t *ids, const float *dx, float *dtable) {
    for (long t = 0; t < n; t++) { const float *g = dx + t * D; float *o = dtable + ids[t] * D; for (int i = 0; i < D; i++) o[i] += g[i]; }
}
void adam(long n, float *w, const float *g, float *m, float *v, float lr, float b1, float b2, float c1, float c2, float eps, float keep) {
    for (long i = 0; i < n; i++) {
        m[i] = b1 * m[i] + (1 - b1) * g[i];
        v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
        w[i] = w[i] * keep - lr * (m[i] * c1) / (sqrtf(v[i] * c2) + eps);
    }
}

// mean = m mean + (1 - m) g; u = bf16(m mean + (1 - m) g), scaled to length one
void momentum(long n, const bf *g, float *mean, float m, bf *u) {
    double sum = 0;
    for (long at = 0; at < n; at += 4096) {
        long end = at + 4096 < n ? at + 4096 : n;
        float part = 0;
        for (long i = at; i < end; i++) {
            float x = f(g[i]), y = m * mean[i] + (1 - m) * x;
            mean[i] = y;
            float z = m * y + (1 - m) * x;
            part += z * z;
        }
        sum += part;
    }
    float s = 1 / ((float) sqrt(sum) + 1e-7f);
    for (long i = 0; i < n; i++) u[i] = b((m * mean[i] + (1 - m) * f(g[i])) * s);
}
void move(long n, float *w, const bf *u, float keep, float by) {
    for (long i = 0; i < n; i++) w[i] = w[i] * keep + f(u[i]) * by;
}
