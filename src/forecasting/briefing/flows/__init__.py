"""The report on one monthly flow: data, record of the models, calibration, forecast, targets."""
