"""What decides best whether a paper belongs to a theme: our phrases, BM25, a linear model, or word vectors.

    PYTHONPATH=. python tests/benchmarks/theme_engines.py FOLDER   (pip install tantivy scikit-learn)

FOLDER holds the two corpora. Every engine sees the labels of the tuning part only: the peers learn from them
or choose their thresholds by them, our themes were written and tuned by them. All are then measured on the
part that nothing was tuned on. The papers' own words decide; no engine sees tags, votes or dates.

bm25: the theme's positive phrases as one query with its weights (tantivy), a threshold from the tuning part.
tf-idf: word and two-word counts and a logistic regression (scikit-learn), by theme, weights balanced.
vectors: 200 numbers a word, from which words stand in the same abstracts (74,728 of arXiv), averaged by
rarity, and a logistic regression on them. Stands for embeddings that need no download at run time.
"""

import json
import lzma
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import tantivy
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from newsletter import config, selection
from newsletter.model import Paper, Theme
from newsletter.selection import phrases as spellings
from tests import labelled
from tests.labelled import Judged

Scores = tuple[Sequence[float], Sequence[float]]


def main(folder: Path) -> None:
    """Print F1 by theme and engine on both parts."""
    halves = {half: labelled.judged(half) for half in (labelled.TUNING, labelled.UNTOUCHED)}
    texts = {half: labelled.papers([one.arxiv_id for one in ones], folder) for half, ones in halves.items()}
    themes = list(config.themes(config.load(None)).values())
    engines: dict[str, Callable[[Theme], Scores]] = {
        "phrases": phrases(texts),
        "bm25": bm25(texts),
        "tf-idf": linear(tf_idf(texts), halves),
        "vectors": linear(vectors(texts, folder), halves),
    }
    print("F1: " + " | ".join(f"{half}, {len(ones)} papers" for half, ones in halves.items()))
    print(f"{'theme':<22}" + "".join(f"{name:>18}" for name in engines))
    columns: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
    for theme in themes:
        row = f"{theme.slug:<22}"
        for name, engine in engines.items():
            learnt, unseen = engine(theme)
            threshold = (
                theme.threshold if name == "phrases" else best_threshold(theme, halves["tuning"], learnt)
            )
            both = (
                f1(theme, halves["tuning"], learnt, threshold),
                f1(theme, halves["untouched"], unseen, threshold),
            )
            columns[name].append(both)
            row += f"{both[0]:>10.3f} |{both[1]:6.3f}"
        print(row)
    means = (np.mean(column, axis=0) for column in columns.values())
    print(f"{'macro':<22}" + "".join(f"{mean[0]:>10.3f} |{mean[1]:6.3f}" for mean in means))


def phrases(texts: Mapping[str, Sequence[Paper]]) -> Callable[[Theme], Scores]:
    """Ours; what is excluded or lacks what is required has no score."""

    def scores(theme: Theme, half: str) -> list[float]:
        rows = selection.match_all(texts[half], [theme])
        return [
            match.score if match.member else min(match.score, theme.threshold - 0.01) for (match,) in rows
        ]

    return lambda theme: (scores(theme, labelled.TUNING), scores(theme, labelled.UNTOUCHED))


def bm25(texts: Mapping[str, Sequence[Paper]]) -> Callable[[Theme], Scores]:
    """Tantivy over all papers of both halves."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=True)
    builder.add_text_field("text", tokenizer_name="en_stem")
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer()
    papers = [paper for half in texts.values() for paper in half]
    for number, paper in enumerate(papers):
        writer.add_document(tantivy.Document(number=number, text=text_of(paper)))
    writer.commit()
    index.reload()
    first = len(texts[labelled.TUNING])

    def scores(theme: Theme) -> Scores:
        query = " ".join(
            f"{_quoted(way)}^{phrase.weight}"
            for phrase in theme.phrases
            if phrase.weight > 0
            for way in spellings.ways(phrase.text)
        )
        found = [0.0] * len(papers)
        for score, address in index.searcher().search(index.parse_query(query, ["text"]), len(papers)).hits:
            found[index.searcher().doc(address)["number"][0]] = score
        return found[:first], found[first:]

    return scores


def _quoted(way: spellings.Way) -> str:
    """The words in quotation marks, for two parts with the distance that may be between them."""
    said = re.sub(r"[^\w ]", " ", " ".join(way.parts))
    return f'"{said}"~{way.between}' if way.between else f'"{said}"'


def linear(
    features: Mapping[str, np.ndarray], halves: Mapping[str, Sequence[Judged]]
) -> Callable[[Theme], Scores]:
    """A logistic regression; its scores on the tuning part are those of folds that it did not see."""

    def scores(theme: Theme) -> Scores:
        grades = np.array([one.grades.get(theme.slug, 0) for one in halves[labelled.TUNING]])
        sure = grades != 1
        model = LogisticRegression(C=10, class_weight="balanced", max_iter=2000)
        rows, wanted = features[labelled.TUNING][sure], grades[sure] == 2
        learnt = np.zeros(len(grades))
        learnt[sure] = cross_val_predict(model, rows, wanted, cv=5, method="decision_function")
        return learnt, model.fit(rows, wanted).decision_function(features[labelled.UNTOUCHED])

    return scores


def tf_idf(texts: Mapping[str, Sequence[Paper]]) -> dict[str, np.ndarray]:
    """One column a word or pair of words."""
    model = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, stop_words="english")
    model.fit(map(text_of, texts[labelled.TUNING]))
    return {half: model.transform(map(text_of, papers)) for half, papers in texts.items()}


def vectors(texts: Mapping[str, Sequence[Paper]], folder: Path) -> dict[str, np.ndarray]:
    """The mean vector of the words of each paper, weighted by how rare they are."""
    model = TfidfVectorizer(min_df=20, max_df=0.2, sublinear_tf=True, stop_words="english")
    reduced = TruncatedSVD(200, random_state=0).fit(model.fit_transform(_arxiv(folder)))
    found = {}
    for half, papers in texts.items():
        rows = reduced.transform(model.transform(map(text_of, papers)))
        found[half] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return found


def _arxiv(folder: Path) -> Iterable[str]:
    (path,) = folder.glob("arxiv_raw_*.jsonl.xz")
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            values = json.loads(line)
            yield f"{values['title']} {values['abstract']}"


def text_of(paper: Paper) -> str:
    """What every engine reads of a paper: the title counts twice, as it does for us."""
    return f"{paper.title}. {paper.title}. {paper.abstract}"


def best_threshold(theme: Theme, ones: Sequence[Judged], scores: Sequence[float]) -> float:
    """The threshold that would have been best for these labels."""
    return max(sorted(set(scores)), key=lambda threshold: f1(theme, ones, scores, threshold))


def f1(theme: Theme, ones: Sequence[Judged], scores: Sequence[float], threshold: float) -> float:
    """F1 of what reaches the threshold; arguable papers do not count."""
    graded = [
        (one.grades.get(theme.slug, 0), score >= threshold) for one, score in zip(ones, scores, strict=True)
    ]
    right = sum(grade == 2 and taken for grade, taken in graded)
    wrong = sum((grade == 2) != taken for grade, taken in graded if grade != 1)
    return 2 * right / (2 * right + wrong) if right or wrong else 1.0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
