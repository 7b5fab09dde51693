package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.SellerStore;
import io.counterfoil.sql.account.SellerStore.Seller;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.util.Optional;

@Command(name = "seller", description = "Who sells: what invoices show.", mixinStandardHelpOptions = true)
final class SellerCommand {
    private final Counterfoil root;

    SellerCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "set",
            description = {
                "Set who sells. What is left out stays; an empty text takes it away.",
                "Final invoices keep what it was when they became final."
            },
            mixinStandardHelpOptions = true)
    int set(
            @Option(names = "--name", paramLabel = "TEXT", description = "Legal name.") Optional<String> name,
            @Option(names = "--address", paramLabel = "TEXT", description = "In lines.") Optional<String> address,
            @Option(names = "--tax-id", paramLabel = "TEXT", description = "As a VAT number.") Optional<String> taxId,
            @Option(names = "--email", paramLabel = "ADDRESS", description = "Whom to ask.") Optional<String> email)
            throws Exception {
        return root.withDatabase(jdbi -> {
            SellerStore store = new SellerStore(jdbi);
            Optional<Seller> present = store.find();
            Seller seller = new Seller(
                    name.or(() -> present.map(Seller::name))
                            .orElseThrow(
                                    () -> OperatorException.input("the seller has no name yet, expected --name TEXT")),
                    changed(address, present.flatMap(Seller::address)),
                    changed(taxId, present.flatMap(Seller::taxId)),
                    changed(email, present.flatMap(Seller::email)));
            store.save(seller, root.clock().instant());
            root.out().println("the seller is " + seller.name());
            return 0;
        });
    }

    private static Optional<String> changed(Optional<String> given, Optional<String> present) {
        return given.isEmpty() ? present : given.filter(text -> !text.isEmpty());
    }

    @Command(name = "show", description = "Who sells.", mixinStandardHelpOptions = true)
    int show() throws Exception {
        return root.withDatabase(jdbi -> {
            Seller seller = new SellerStore(jdbi)
                    .find()
                    .orElseThrow(() -> OperatorException.input(
                            "there is no seller yet; set one: counterfoil seller set --name TEXT"));
            root.out().println("name: " + seller.name());
            seller.address().ifPresent(text -> root.out().println("address: " + text));
            seller.taxId().ifPresent(text -> root.out().println("tax_id: " + text));
            seller.email().ifPresent(text -> root.out().println("email: " + text));
            return 0;
        });
    }
}
