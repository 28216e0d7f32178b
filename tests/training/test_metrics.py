"""The metrics agree with pycocotools, and behave as their definitions demand."""

from __future__ import annotations

import contextlib
import importlib.util
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import require
from training import metrics
from training.metrics import Sample


def random_sample(rng: np.random.Generator, index: int, *, classes: int = 3) -> Sample:
    """A picture with up to 6 true boxes; found boxes are shaken copies, repeats and strays."""
    count = int(rng.integers(0, 7))
    corner = rng.uniform(0, 200, (count, 2))
    truth = np.concatenate([corner, corner + rng.uniform(10, 90, (count, 2))], axis=1)
    labels = rng.integers(0, classes, count)
    copies = np.repeat(np.arange(count), rng.integers(0, 3, count))
    shaken = truth[copies] + np.clip(rng.normal(0, 4, (len(copies), 4)), -4.9, 4.9)
    strays = rng.uniform(0, 200, (int(rng.integers(0, 5)), 2))
    strays = np.concatenate([strays, strays + rng.uniform(5, 60, strays.shape)], axis=1)
    boxes = np.concatenate([shaken, strays])
    found_labels = np.concatenate([labels[copies], rng.integers(0, classes, len(strays))])
    # Two decimals only: equal scores must be ordered as the standard orders them.
    scores = np.round(rng.uniform(0.01, 1, len(boxes)), 2)
    return Sample(
        key=f"{index}.jpg",
        source="random",
        group=f"g{index // 3}",
        truth_boxes=truth,
        truth_classes=labels.astype(np.int64),
        found_boxes=boxes,
        found_scores=scores,
        found_classes=found_labels.astype(np.int64),
        labelled=frozenset(range(classes)),
    )


def coco_average_precision(samples: list[Sample], label: int) -> np.ndarray:
    """AP at the ten overlaps by pycocotools, for one class."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def xywh(box: np.ndarray) -> list[float]:
        return [float(box[0]), float(box[1]), float(box[2] - box[0]), float(box[3] - box[1])]

    truth, found = [], []
    for image, sample in enumerate(samples, start=1):
        for box, kind in zip(sample.truth_boxes, sample.truth_classes, strict=True):
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": image,
                    "category_id": int(kind),
                    "bbox": xywh(box),
                    "area": float((box[2] - box[0]) * (box[3] - box[1])),
                    "iscrowd": 0,
                }
            )
        for box, kind, score in zip(
            sample.found_boxes, sample.found_classes, sample.found_scores, strict=True
        ):
            found.append(
                {
                    "image_id": image,
                    "category_id": int(kind),
                    "bbox": xywh(box),
                    "score": float(score),
                }
            )
    with contextlib.redirect_stdout(io.StringIO()):
        ground = COCO()
        ground.dataset = {
            "images": [{"id": index + 1} for index in range(len(samples))],
            "annotations": truth,
            "categories": [{"id": label}],
        }
        ground.createIndex()
        evaluation = COCOeval(ground, ground.loadRes(found), "bbox")
        evaluation.params.catIds = [label]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, 0, 0, -1]
    assert precision.min() > -1
    return precision.mean(axis=1)


@pytest.mark.training
@pytest.mark.parametrize("seed", range(6))
def test_average_precision_equals_pycocotools(seed: int) -> None:
    require(
        "training", importlib.util.find_spec("pycocotools") is not None, "pycocotools is absent"
    )
    rng = np.random.default_rng(seed)
    samples = [random_sample(rng, index) for index in range(40)]
    for label in range(3):
        ours = metrics.average_precision(metrics.match(samples, [label], "x"))[0]
        np.testing.assert_allclose(ours, coco_average_precision(samples, label), atol=1e-9)


@pytest.mark.training
def test_weights_equal_repeating_the_pictures_in_pycocotools() -> None:
    require(
        "training", importlib.util.find_spec("pycocotools") is not None, "pycocotools is absent"
    )
    rng = np.random.default_rng(7)
    samples = [distinct_scores(random_sample(rng, index), index) for index in range(20)]
    weights = rng.integers(0, 4, 20)
    repeated = [
        sample for sample, times in zip(samples, weights, strict=True) for _ in range(times)
    ]
    ours = metrics.average_precision(
        metrics.match(samples, [1], "x"), weights[None, :].astype(np.float64)
    )[0]
    np.testing.assert_allclose(ours, coco_average_precision(repeated, 1), atol=1e-9)


def distinct_scores(sample: Sample, index: int) -> Sample:
    """The same sample with scores no other picture has."""
    scores = sample.found_scores + 1e-6 * index + 1e-9 * np.arange(len(sample.found_scores))
    return Sample(**{**vars(sample), "found_scores": scores})


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_perfect_boxes_score_one_and_none_score_zero(seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = [random_sample(rng, index) for index in range(8)]
    perfect = [
        Sample(
            **{
                **vars(sample),
                "found_boxes": sample.truth_boxes,
                "found_classes": sample.truth_classes,
                "found_scores": rng.uniform(0.1, 1, len(sample.truth_boxes)),
            }
        )
        for sample in samples
    ]
    blind = [
        Sample(
            **{
                **vars(sample),
                "found_boxes": np.zeros((0, 4)),
                "found_classes": np.zeros(0, dtype=np.int64),
                "found_scores": np.zeros(0),
            }
        )
        for sample in samples
    ]
    for label in range(3):
        matched = metrics.match(perfect, [label], "x")
        if not matched.boxes:
            assert np.isnan(metrics.average_precision(matched)).all()
            continue
        np.testing.assert_allclose(metrics.average_precision(matched), 1.0)
        assert metrics.recall_at_precision(matched)[0] == 1.0
        assert (metrics.average_precision(metrics.match(blind, [label], "x")) == 0).all()


@given(seed=st.integers(0, 10_000), power=st.floats(0.2, 5))
@settings(max_examples=30, deadline=None)
def test_a_rising_change_of_scores_changes_nothing(seed: int, power: float) -> None:
    rng = np.random.default_rng(seed)
    samples = [distinct_scores(random_sample(rng, index), index) for index in range(8)]
    bent = [
        Sample(**{**vars(sample), "found_scores": sample.found_scores**power}) for sample in samples
    ]
    for measure in (metrics.average_precision, metrics.recall_at_precision):
        np.testing.assert_allclose(
            measure(metrics.match(samples, [0], "x")), measure(metrics.match(bent, [0], "x"))
        )


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_stricter_overlap_never_finds_more_and_values_stay_in_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matched = metrics.match([random_sample(rng, index) for index in range(8)], [0, 1], "x")
    assert (np.diff(matched.right.sum(axis=1)) <= 0).all()
    assert matched.right.sum(axis=1).max() <= matched.boxes
    ap = metrics.average_precision(matched)
    assert np.isnan(ap).all() or ((ap >= 0) & (ap <= 1)).all()


def one_picture(**changes: object) -> Sample:
    base: dict[str, object] = {
        "key": "a.jpg",
        "source": "s",
        "group": "g",
        "truth_boxes": np.array([[0, 0, 10, 10], [20, 0, 30, 10.0]]),
        "truth_classes": np.array([3, 4]),
        "found_boxes": np.array([[0, 0, 10, 10], [20, 0, 30, 10], [50, 50, 60, 60.0]]),
        "found_scores": np.array([0.9, 0.8, 0.7]),
        "found_classes": np.array([4, 3, 3]),
        "labelled": frozenset({3, 4}),
    }
    return Sample(**{**base, **changes})  # type: ignore[arg-type]


def test_confused_classes_are_wrong_apart_and_right_together() -> None:
    samples = [one_picture()]
    assert metrics.average_precision(metrics.match(samples, [3], "litter"))[0, 0] == 0
    together = metrics.match(samples, [3, 4], "litter+overflowing_bin")
    assert metrics.average_precision(together)[0, 0] == pytest.approx(1.0)
    precision, recall = metrics.precision_recall_at(together, 0.7)
    assert precision[0] == pytest.approx(2 / 3)
    assert recall[0] == 1.0


def test_classes_a_source_does_not_label_are_left_out() -> None:
    only_bins = one_picture(labelled=frozenset({4}), source="bins")
    assert metrics.match([only_bins], [3], "litter").pictures == 0
    assert metrics.match([only_bins, one_picture()], [3, 4], "both").pictures == 1


def test_precision_and_recall_at_a_threshold_by_hand() -> None:
    sample = one_picture(found_classes=np.array([3, 4, 3]))
    litter = metrics.match([sample], [3], "litter")
    precision, recall = metrics.precision_recall_at(litter, 0.7)
    assert (precision[0], recall[0]) == (0.5, 1.0)
    precision, recall = metrics.precision_recall_at(litter, 0.95)
    assert np.isnan(precision[0])
    assert recall[0] == 0.0


def test_equal_scores_cannot_be_cut_apart() -> None:
    sample = one_picture(
        truth_classes=np.array([3, 3]),
        found_classes=np.array([3, 3, 3]),
        found_scores=np.array([0.5, 0.5, 0.5]),
    )
    matched = metrics.match([sample], [3], "litter")
    assert metrics.recall_at_precision(matched, 0.9)[0] == 0.0
    assert metrics.recall_at_precision(matched, 0.66)[0] == 1.0


def test_picture_level_question() -> None:
    yes = one_picture(found_classes=np.array([3, 4, 3]))
    no = one_picture(
        key="b.jpg", truth_boxes=np.zeros((0, 4)), truth_classes=np.zeros(0, dtype=np.int64)
    )
    matched = metrics.match([yes, no], [3], "litter")
    precision, recall = metrics.picture_precision_recall_at(matched, 0.5)
    assert (precision[0], recall[0]) == (0.5, 1.0)


@given(seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_calibration_error_is_small_for_honest_confidence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0, 1, 20_000)
    right = rng.uniform(0, 1, 20_000) < confidence
    for adaptive in (False, True):
        assert metrics.calibration_error(confidence, right, adaptive=adaptive) < 0.03
    assert metrics.calibration_error(np.full(100, 0.9), np.zeros(100, dtype=bool)) == (
        pytest.approx(0.9)
    )


def test_wrong_shapes_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"a\.jpg: found_boxes"):
        one_picture(found_boxes=np.zeros((1, 4)))
    with pytest.raises(ValueError, match=r"truth_boxes holds a box that is not x1<=x2"):
        one_picture(truth_boxes=np.array([[9, 0, 1, 10], [20, 0, 30, 10.0]]))
    with pytest.raises(ValueError, match="not finite"):
        one_picture(found_scores=np.array([0.1, np.nan, 0.2]))
    with pytest.raises(ValueError, match="weights"):
        metrics.average_precision(metrics.match([one_picture()], [3], "litter"), np.ones((2, 5)))
