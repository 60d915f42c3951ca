from surplus.catalog.machines import machines
from surplus.catalog.volumes import EbsLimits, ebs_limits, ebs_volume


def test_limits_of_machines() -> None:
    assert ebs_limits("m5.large") == EbsLimits(18750, 593.75)
    assert ebs_limits("r8gb.large") == EbsLimits(120000, 3125)
    assert ebs_limits("t2.large") is None, "it is never EBS-optimized"
    assert ebs_limits("m1.large") is None, "it is EBS-optimized only where that is asked for"
    assert ebs_limits("nothing") is None


def test_every_row_is_a_machine_with_limits() -> None:
    known = [one for name in machines() if (one := ebs_limits(name)) is not None]
    assert len(known) > 1300
    assert all(one.iops >= 1000 and one.throughput >= 30 for one in known)


def test_volume_types() -> None:
    gp3 = ebs_volume("gp3")
    assert gp3 is not None
    assert (gp3.included_iops, gp3.included_throughput, gp3.max_throughput) == (3000, 125, 1000)
    assert (gp3.iops_per_gib, gp3.throughput_per_iops, gp3.max_gib) == (500, 0.25, 16384)
    io1 = ebs_volume("io1")
    assert io1 is not None
    assert (io1.included_iops, io1.max_throughput, io1.max_gib) == (0, 500, None)
    assert ebs_volume("gp2") is None
