"""Posts: plan, schedule, publish, settle."""
