"""What is deployed: the image, the manifests, the chart."""
