"""What holds for every test."""

from hypothesis import HealthCheck, settings

# No test asserts a time, hypothesis's least of all: a busy machine is no fault.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
