"""Films: what an order needs is planned, drawn, joined and published."""
