"""Pods that end: nothing of what they did is lost, and it has their owners' names."""

import pytest

from tests.cluster.node import Node
from tests.e2e import jobs
from tests.e2e.shop import NAMESPACE
from tests.e2e.telemetry import Telemetry
from tests.waiting import until

pytestmark = pytest.mark.e2e

_SECONDS = 120  # a CronJob's next minute, and a program that starts on a machine at work


def test_a_job_is_traced_to_its_end(node: Node, opened: Telemetry) -> None:
    """Its process ends after one call, and the call's span is sent before that."""
    node.apply(jobs.job())

    resources = until(lambda: opened.resources(jobs.JOB), "spans of the Job", _SECONDS)
    pods = node.list("Pod", NAMESPACE, f"job-name={jobs.JOB}")

    names = {pod["metadata"]["name"] for pod in pods}
    assert {resource["k8s.job.name"] for resource in resources} == {jobs.JOB}
    assert {resource["k8s.pod.name"] for resource in resources} <= names
    until(lambda: _succeeded(node), "the end of the Job")


@pytest.mark.usefixtures("node")
def test_a_cron_jobs_pods_have_its_name(opened: Telemetry) -> None:
    """The service is the CronJob, whichever of its Jobs ran; the resource names both."""
    resources = until(lambda: opened.resources(jobs.CRON_JOB), "spans of the CronJob", _SECONDS)

    for resource in resources:
        assert resource["k8s.cronjob.name"] == jobs.CRON_JOB
        assert resource["k8s.pod.name"].startswith(f"{resource['k8s.job.name']}-")
        assert resource["k8s.job.name"].startswith(f"{jobs.CRON_JOB}-")


def _succeeded(node: Node) -> bool:
    found = node.get("Job", jobs.JOB, NAMESPACE)
    return found is not None and found.get("status", {}).get("succeeded") == 1
