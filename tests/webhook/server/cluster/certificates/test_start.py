from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.webhook.server.cluster.certificates.stage import keys, settle, stage


@pytest.mark.parametrize("replicas", [2, 3])
def test_replicas_that_start_together(api: Cluster, tmp_path: Path, replicas: int) -> None:
    """Of replicas that find an empty Secret at the same moment exactly one makes an authority."""
    with stage(api, tmp_path) as one:
        one.fleet.scale_up(replicas)
        settle(one)

        assert len(one.said("authority and leaf created")) == 1
        assert keys(one.data()) == {"ca.crt", "ca.key", "tls.crt", "tls.key"}
        assert len(one.leases()) == replicas
        assert len(set(one.served().values())) == 1
