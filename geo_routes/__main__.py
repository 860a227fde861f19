"""``python -m geo_routes`` is the command ``geo-routes``."""

from geo_routes.cli import main

if __name__ == "__main__":
    main()
