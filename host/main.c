#include "cli/command.h"

int main(int count, char **words)
{
    return mz_cli_main(count, words);
}
