// What training adds to the functions of one level of instructions: maps with their gradients,
// gradients of row functions, and optimisers. Included by level.h, whose vectors it uses.

INLINE LEVEL(lanes) LEVEL(magnitude)(LEVEL(lanes) x) {
  return (LEVEL(lanes))((LEVEL(ints))x & 0x7fffffff);
}

// A polynomial near zero, 1 - 2 / (e^2|x| + 1) beyond; relative error below 3e-7.
INLINE LEVEL(lanes) LEVEL(hyperbolic_tangent)(LEVEL(lanes) x) {
  const LEVEL(lanes) size = LEVEL(magnitude)(x);
  const LEVEL(lanes) t = x * x;
  LEVEL(lanes) p = LEVEL(splat)(-0.0057049864f);
  p = p * t + 0.020639086f;
  p = p * t - 0.053739715f;
  p = p * t + 0.13331442f;
  p = p * t - 0.3333328f;
  const LEVEL(lanes) near = x + x * t * p;
  const LEVEL(lanes) far = 1.0f - 2.0f / (LEVEL(exponential)(size + size) + 1.0f);
  const LEVEL(lanes) signed_far = (LEVEL(lanes))(
      (LEVEL(ints))far | ((LEVEL(ints))x & (int)0x80000000));
  return LEVEL(choose)(size < 0.625f, near, signed_far);
}

INLINE LEVEL(lanes) LEVEL(logistic)(LEVEL(lanes) x) {
  return 1.0f / (LEVEL(exponential)(-x) + 1.0f);
}

// ln(1 + e^x) as max(x, 0) + ln(1 + t) with t = e^-|x|, by the series of 2 artanh(t / (2 + t)).
INLINE LEVEL(lanes) LEVEL(softplus)(LEVEL(lanes) x) {
  const LEVEL(lanes) t = LEVEL(exponential)(-LEVEL(magnitude)(x));
  const LEVEL(lanes) s = t / (t + 2.0f);
  const LEVEL(lanes) z = s * s;
  LEVEL(lanes) p = LEVEL(splat)(1.0f / 15);
  p = p * z + 1.0f / 13;
  p = p * z + 1.0f / 11;
  p = p * z + 1.0f / 9;
  p = p * z + 1.0f / 7;
  p = p * z + 1.0f / 5;
  p = p * z + 1.0f / 3;
  p = p * z + 1.0f;
  return __builtin_elementwise_max(x, LEVEL(splat)(0)) + 2.0f * s * p;
}

// The standard normal distribution function.
INLINE LEVEL(lanes) LEVEL(normal)(LEVEL(lanes) x) {
  return LEVEL(error_function)(x * 0.70710678f) * 0.5f + 0.5f;
}

INLINE LEVEL(lanes) LEVEL(value)(int function, LEVEL(lanes) x) {
  switch (function) {
    case FLEETLAB_TANH: return LEVEL(hyperbolic_tangent)(x);
    // What is no number stays so: only a comparison that holds makes it 0.
    case FLEETLAB_RELU: return LEVEL(choose)(x <= 0.0f, LEVEL(splat)(0), x);
    case FLEETLAB_GELU: return x * LEVEL(normal)(x);
    case FLEETLAB_EXPONENTIAL: return LEVEL(exponential)(x);
    case FLEETLAB_SOFTPLUS: return LEVEL(softplus)(x);
    default: return x * x;
  }
}

INLINE LEVEL(lanes) LEVEL(slope)(int function, LEVEL(lanes) x, LEVEL(lanes) y) {
  switch (function) {
    case FLEETLAB_TANH: return 1.0f - y * y;
    case FLEETLAB_RELU: return LEVEL(choose)(x > 0.0f, LEVEL(splat)(1), LEVEL(splat)(0));
    case FLEETLAB_GELU:
      return LEVEL(normal)(x) + x * 0.39894228f * LEVEL(exponential)(x * x * -0.5f);
    case FLEETLAB_EXPONENTIAL: return y;
    case FLEETLAB_SOFTPLUS: return LEVEL(logistic)(x);
    default: return 2.0f * x;
  }
}

static void LEVEL(map)(int function, const float *values, float *results, size_t count) {
  for (size_t i = 0; i < count; i += LANES) {
    const size_t rest = count - i;
    LEVEL(store)(results + i, rest, LEVEL(value)(function, LEVEL(load)(values + i, rest, 0)));
  }
}

static void LEVEL(map_gradient)(const struct fleetlab_map_gradient *g) {
  for (size_t i = 0; i < g->count; i += LANES) {
    const size_t rest = g->count - i;
    const LEVEL(lanes) slope = LEVEL(slope)(
        g->function, LEVEL(load)(g->values + i, rest, 0), LEVEL(load)(g->results + i, rest, 0));
    LEVEL(lanes) gradient = LEVEL(load)(g->gradients + i, rest, 0);
    gradient += slope * LEVEL(load)(g->result_gradients + i, rest, 0);
    LEVEL(store)(g->gradients + i, rest, gradient);
  }
}

// ---- rows ---------------------------------------------------------------------------------------

static void LEVEL(log_softmax)(const float *values, float *results, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *row = values + r * columns;
    float top = row[0];
    for (size_t c = 1; c < columns; c++) top = row[c] > top ? row[c] : top;
    LEVEL(lanes) sums = {0};
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      LEVEL(lanes) x = LEVEL(exponential)(LEVEL(load)(row + c, count, top) - top);
      if (count < LANES) {
        float parts[LANES] = {0};
        memcpy(parts, &x, count * sizeof(float));
        x = LEVEL(load)(parts, LANES, 0);
      }
      sums += x;
    }
    const float shift = top + logf(LEVEL(sum)(sums));
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      LEVEL(store)(results + r * columns + c, count, LEVEL(load)(row + c, count, 0) - shift);
    }
  }
}

static void LEVEL(log_softmax_gradient)(
    const float *results, const float *result_gradients, float *gradients, size_t rows,
    size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const size_t first = r * columns;
    LEVEL(lanes) sums = {0};
    for (size_t c = 0; c < columns; c += LANES) {
      sums += LEVEL(load)(result_gradients + first + c, columns - c, 0);
    }
    const float total = LEVEL(sum)(sums);
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t place = first + c, count = columns - c;
      LEVEL(lanes) gradient = LEVEL(load)(gradients + place, count, 0);
      gradient += LEVEL(load)(result_gradients + place, count, 0) -
                  LEVEL(exponential)(LEVEL(load)(results + place, count, 0)) * total;
      LEVEL(store)(gradients + place, count, gradient);
    }
  }
}

static void LEVEL(softmax_gradient)(
    const float *results, float *gradients, size_t rows, size_t columns, float scale) {
  for (size_t r = 0; r < rows; r++) {
    const float *row = results + r * columns;
    float *gradient = gradients + r * columns;
    LEVEL(lanes) sums = {0};
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      sums += LEVEL(load)(row + c, count, 0) * LEVEL(load)(gradient + c, count, 0);
    }
    const float total = LEVEL(sum)(sums);
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      const LEVEL(lanes) centred = LEVEL(load)(gradient + c, count, 0) - total;
      LEVEL(store)(gradient + c, count, LEVEL(load)(row + c, count, 0) * centred * scale);
    }
  }
}

static void LEVEL(standardise)(const struct fleetlab_standardisation *s) {
  const size_t columns = s->columns;
  for (size_t r = 0; r < s->rows; r++) {
    const float *row = s->values + r * columns;
    LEVEL(lanes) sums = {0};
    for (size_t c = 0; c < columns; c += LANES) sums += LEVEL(load)(row + c, columns - c, 0);
    const float mean = LEVEL(sum)(sums) / (float)columns;
    LEVEL(lanes) squares = {0};
    for (size_t c = 0; c < columns; c += LANES) {
      const LEVEL(lanes) distance = LEVEL(load)(row + c, columns - c, mean) - mean;
      squares += distance * distance;
    }
    const float variance = LEVEL(sum)(squares) / (float)columns;
    const float factor = 1.0f / __builtin_sqrtf(variance + s->epsilon);
    s->factors[r] = factor;
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t count = columns - c;
      LEVEL(store)
      (s->results + r * columns + c, count, (LEVEL(load)(row + c, count, 0) - mean) * factor);
    }
  }
}

static void LEVEL(standardise_gradient)(
    const struct fleetlab_standardisation *s, const float *result_gradients, float *gradients) {
  const size_t columns = s->columns;
  for (size_t r = 0; r < s->rows; r++) {
    const size_t first = r * columns;
    LEVEL(lanes) sums = {0}, products = {0};
    for (size_t c = 0; c < columns; c += LANES) {
      const LEVEL(lanes) given = LEVEL(load)(result_gradients + first + c, columns - c, 0);
      sums += given;
      products += given * LEVEL(load)(s->results + first + c, columns - c, 0);
    }
    const float mean = LEVEL(sum)(sums) / (float)columns;
    const float slope = LEVEL(sum)(products) / (float)columns;
    for (size_t c = 0; c < columns; c += LANES) {
      const size_t place = first + c, count = columns - c;
      LEVEL(lanes) gradient = LEVEL(load)(gradients + place, count, 0);
      const LEVEL(lanes) given = LEVEL(load)(result_gradients + place, count, 0);
      gradient += (given - mean - LEVEL(load)(s->results + place, count, 0) * slope) *
                  s->factors[r];
      LEVEL(store)(gradients + place, count, gradient);
    }
  }
}

static void LEVEL(add_column_sums)(const float *values, size_t rows, size_t columns, float *sums) {
  for (size_t c = 0; c < columns; c += LANES) {
    const size_t count = columns - c;
    LEVEL(lanes) total = LEVEL(load)(sums + c, count, 0);
    for (size_t r = 0; r < rows; r++) total += LEVEL(load)(values + r * columns + c, count, 0);
    LEVEL(store)(sums + c, count, total);
  }
}

// ---- whole parameters ---------------------------------------------------------------------------

static float LEVEL(sum_of_squares)(const float *values, size_t count) {
  LEVEL(lanes) sums = {0};
  for (size_t i = 0; i < count; i += LANES) {
    const LEVEL(lanes) x = LEVEL(load)(values + i, count - i, 0);
    sums += x * x;
  }
  return LEVEL(sum)(sums);
}

static void LEVEL(approach)(float *values, const float *aims, size_t count, float share) {
  for (size_t i = 0; i < count; i += LANES) {
    const size_t rest = count - i;
    const LEVEL(lanes) value = LEVEL(load)(values + i, rest, 0);
    LEVEL(store)
    (values + i, rest, value + (LEVEL(load)(aims + i, rest, 0) - value) * share);
  }
}

static void LEVEL(adam)(const struct fleetlab_moment_step *a) {
  for (size_t i = 0; i < a->count; i += LANES) {
    const size_t rest = a->count - i;
    const LEVEL(lanes) gradient = LEVEL(load)(a->gradients + i, rest, 0) * a->gradient_scale;
    LEVEL(lanes) mean = LEVEL(load)(a->means + i, rest, 0);
    LEVEL(lanes) square = LEVEL(load)(a->squares + i, rest, 0);
    mean = mean * a->mean_decay + gradient * a->mean_gain;
    square = square * a->square_decay + gradient * gradient * a->square_gain;
    const LEVEL(lanes) spread =
        __builtin_elementwise_sqrt(square) * a->square_correction + a->epsilon;
    const LEVEL(lanes) value = LEVEL(load)(a->values + i, rest, 0) * a->value_decay;
    LEVEL(store)(a->values + i, rest, value - mean / spread * a->step);
    LEVEL(store)(a->means + i, rest, mean);
    LEVEL(store)(a->squares + i, rest, square);
  }
}

static void LEVEL(root_mean_square_propagation)(const struct fleetlab_moment_step *a) {
  for (size_t i = 0; i < a->count; i += LANES) {
    const size_t rest = a->count - i;
    const LEVEL(lanes) gradient = LEVEL(load)(a->gradients + i, rest, 0) * a->gradient_scale;
    LEVEL(lanes) square = LEVEL(load)(a->squares + i, rest, 0);
    square = square * a->square_decay + gradient * gradient * a->square_gain;
    const LEVEL(lanes) spread = __builtin_elementwise_sqrt(square) + a->epsilon;
    const LEVEL(lanes) value = LEVEL(load)(a->values + i, rest, 0);
    LEVEL(store)(a->values + i, rest, value - gradient / spread * a->step);
    LEVEL(store)(a->squares + i, rest, square);
  }
}
