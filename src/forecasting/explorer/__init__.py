"""The explorer: sliders, charts and key figures of one chain, for JupyterLab and Voila."""
