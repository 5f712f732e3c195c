"""One small sample of each business."""

import pytest

from sample_data.parameters import BUSINESSES
from tests.sample_data.sample_reading import Sample, make_sample


@pytest.fixture(scope="session")
def repair(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make_sample("repair", tmp_path_factory.mktemp("repair"))


@pytest.fixture(scope="session", params=BUSINESSES)
def sample(
    request: pytest.FixtureRequest, repair: Sample, tmp_path_factory: pytest.TempPathFactory
) -> Sample:
    return (
        repair
        if request.param == "repair"
        else make_sample(request.param, tmp_path_factory.mktemp(request.param))
    )


@pytest.fixture(scope="session")
def business(sample: Sample) -> str:
    return next(name for name in BUSINESSES if sample.landing.parent.name.startswith(name))
