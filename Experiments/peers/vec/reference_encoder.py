"""The reference that the encoder in Sources/Subjects/Embedding is held to; makes its fixtures.

    python reference_encoder.py --model MODEL --out Tests/EmbeddingTests/Fixtures

MODEL is the folder that Scripts/weights makes, with tokenizer.json of the same package beside it.
Needs numpy and tokenizers (the fixtures were made with numpy 2.4.6 and tokenizers 0.23.3).

Token numbers come from the `tokenizers` library. Vectors come from a plain forward pass in double
precision, written from the model's description: embeddings, six post-norm transformer layers with
twelve heads and GELU by the error function, the mean over all tokens, length 1. Words of single
characters are digested in blocks, so that every character of the planes in use is compared.
"""

import argparse
import hashlib
import json
import math
import struct
from pathlib import Path

import numpy as np

LAYERS, HEADS, WIDTH = 6, 12, 384
TOKENS_MAX = 256
BLOCK = 4096
PLANES = [range(0x0, 0x40000), range(0xE0000, 0xE1000), range(0xF0000, 0xF1000)]

LONG_WORD = "a" * 100
TEXTS = [
    "",
    " \t\r\n ",
    "This is an example sentence",
    "test_eigenvals of a rational matrix",
    "func `a torn tail is cut`() throws { #expect(log.count == 3) }",
    "def test_lu():\n    P, L, U = lu(a)\n    assert_allclose(P @ L @ U, a, rtol=1e-7)",
    "it('renders <App/> within 16ms', async () => { await expect(x).resolves.toBe(42) })",
    "Crème brûlée, naïve façade; ÅNGSTRÖM İstanbul ßtraße ǅ",
    "Cre\u0300me bru\u0302le\u0301e a\u0323\u0301b",
    "日本語のテスト 中文分词 한국어 시험",
    "Это проверка кодировщика. Ελληνικά με τόνους;",
    "עברית עִבְרִית اَلْعَرَبِيَّة हिन्दी ไทย ภาษา",
    "emoji 🙂👩‍👩‍👧‍👦🇩🇪 and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ﬁ ﬂ №",
    "zero\u200bwidth\u00adsoft\ufeffbom nul\x00and\x0bbell\x07\ufffd\x85next",
    "spaces\u00a0of\u2003every\u3000kind\u2028line\u2029paragraph",
    "punctuation:!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»‘’“”…—–•€£¥§¶±×÷≠≤",
    "[CLS] in [SEP] the[MASK]text [UNK][PAD] [cls] [CLS",
    LONG_WORD,
    LONG_WORD + "a",
    "x" * 1000 + " short",
    "qwertyuiop asdfghjkl zxcvbnm",
    "unaffable antidisestablishmentarianism floccinaucinihilipilification",
    "🜁 \U0001f701 \u0378 \U000e0041 \ue000",
    "一" * 300,
    "word " * 500,
    "sentence, with punctuation. " * 60,
    "def test_" + "_".join(f"case{i}" for i in range(200)) + "(): pass",
    "3.14159 0xDEADBEEF 1_000_000 1e-9 v2.26.6 2026-11-22T18:33:00Z",
    "ＦＵＬＬＷＩＤＴＨ ｆｕｌｌ １２３ Ⅷ ² ½ ℃ Å K",
]
# The vectors of these are in the fixtures: short ones, one of each script, one that is cut.
VECTORS_OF = [0, 2, 3, 4, 5, 6, 7, 9, 12, 16, 20, 27, 24, 26]


def tensors(path: Path) -> dict[str, np.ndarray]:
    """Reads the single-precision tensors of a safetensors file."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    found = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        first, end = (8 + length + offset for offset in entry["data_offsets"])
        numbers = np.frombuffer(data[first:end], np.float32)
        found[name] = numbers.reshape(entry["shape"]).astype(np.float64)
    return found


def normalised(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Layer norm with gain and shift."""
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred**2).mean(-1, keepdims=True)
    scaled = centred / np.sqrt(variance + 1e-12)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    """A layer whose weights stand with a row for each output."""
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def attention(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Twelve heads over all tokens."""
    count, size = len(x), WIDTH // HEADS
    query, key, value = (
        linear(x, weights, f"{name}.self.{part}").reshape(count, HEADS, size).transpose(1, 0, 2)
        for part in ("query", "key", "value")
    )
    scores = query @ key.transpose(0, 2, 1) / math.sqrt(size)
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    scores /= scores.sum(-1, keepdims=True)
    joined = (scores @ value).transpose(1, 0, 2).reshape(count, WIDTH)
    return linear(joined, weights, f"{name}.output.dense")


def gelu(x: np.ndarray) -> np.ndarray:
    """x times the standard normal distribution at x."""
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def vector(weights: dict[str, np.ndarray], tokens: list[int]) -> np.ndarray:
    """The sentence vector of tokens."""
    x = weights["embeddings.word_embeddings.weight"][tokens]
    x = x + weights["embeddings.position_embeddings.weight"][: len(tokens)]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = normalised(x, weights, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        x = normalised(
            x + attention(x, weights, f"{name}.attention"),
            weights,
            f"{name}.attention.output.LayerNorm",
        )
        hidden = gelu(linear(x, weights, f"{name}.intermediate.dense"))
        x = normalised(
            x + linear(hidden, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm"
        )
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def words_of_blocks(tokenizer: "Tokenizer") -> dict[str, str]:
    """For each block of characters, a digest of the words of a-character-b."""
    digests = {}
    for plane in PLANES:
        for first in range(plane.start, plane.stop, BLOCK):
            digest = hashlib.sha256()
            for code in range(first, first + BLOCK):
                if 0xD800 <= code < 0xE000:
                    continue
                clean = tokenizer.normalizer.normalize_str(f"a{chr(code)}b")
                words = [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(clean)]
                digest.update((" ".join(words) + "\n").encode())
            digests[f"{first:05x}"] = digest.hexdigest()[:16]
    return digests


def main() -> None:
    """Writes the three fixtures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    # Imported here, since those who only read the weights have no need of it.
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS_MAX)
    weights = tensors(options.model / "model.safetensors")

    tokens = [tokenizer.encode(text).ids for text in TEXTS]
    rows = [{"text": text, "tokens": ids} for text, ids in zip(TEXTS, tokens)]
    vectors = [
        {"text": TEXTS[i], "vector": [float(f"{v:.9g}") for v in vector(weights, tokens[i])]}
        for i in VECTORS_OF
    ]
    for name, content in [("tokens", rows), ("vectors", vectors)]:
        lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in content)
        (options.out / f"{name}.json").write_text(f"[\n{lines}\n]\n")
    blocks = json.dumps(words_of_blocks(tokenizer), indent=0)
    (options.out / "words-of-blocks.json").write_text(blocks + "\n")


if __name__ == "__main__":
    main()
