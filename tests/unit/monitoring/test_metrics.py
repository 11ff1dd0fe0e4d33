"""What a process counts of its own work."""

from __future__ import annotations

import pytest

from gdial.monitoring import metrics


def value(name: str, **labels: str) -> float:
    found = metrics.REGISTRY.get_sample_value(name, labels)
    assert found is not None, f"{name} {labels} is not exposed"
    return found


def test_a_job_is_counted_and_timed() -> None:
    done = value("gdial_jobs_processed_total", job_type="tts", status="success")
    timed = value("gdial_processing_time_count", job_type="tts")

    with metrics.timed_job("tts"):
        pass

    assert value("gdial_jobs_processed_total", job_type="tts", status="success") == done + 1
    assert value("gdial_processing_time_count", job_type="tts") == timed + 1


def test_a_job_that_fails_is_an_error_and_the_error_goes_on() -> None:
    failed = value("gdial_jobs_processed_total", job_type="call", status="error")
    done = value("gdial_jobs_processed_total", job_type="call", status="success")

    with pytest.raises(OSError, match="broken"), metrics.timed_job("call"):
        raise OSError("broken")

    assert value("gdial_jobs_processed_total", job_type="call", status="error") == failed + 1
    assert value("gdial_jobs_processed_total", job_type="call", status="success") == done


def test_workers_are_counted_while_they_run() -> None:
    with metrics.counted_worker("scheduler"), metrics.counted_worker("scheduler"):
        assert value("gdial_worker_count", worker_type="scheduler") == 2
    assert value("gdial_worker_count", worker_type="scheduler") == 0


def test_every_series_is_exposed_before_its_first_count() -> None:
    exposed = metrics.exposition().decode()

    for job_type in ("call", "batch", "tts"):
        for status in ("success", "error"):
            assert f'gdial_jobs_processed_total{{job_type="{job_type}",status="{status}"}}' in exposed
        assert f'gdial_processing_time_count{{job_type="{job_type}"}}' in exposed
    for worker_type in ("call", "tts", "scheduler"):
        assert f'gdial_worker_count{{worker_type="{worker_type}"}}' in exposed
