from tests.chaos.command import main

main()
